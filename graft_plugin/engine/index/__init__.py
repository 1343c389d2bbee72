"""An index: the embeddings of many scenes and dates in one folder, made once and asked anything."""
