"""Questions over invented places with exact truths: drawn by seed, measured on pixels, judged by a rule a kind."""
