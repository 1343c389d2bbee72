"""A Places365 checkpoint and table in the publisher's layout, with weights and flags of the test's own."""

from __future__ import annotations

import torch
from torchvision.models import resnet18

CATEGORIES = 365


def network(seed=0):
    torch.manual_seed(seed)
    model = resnet18(weights=None, num_classes=CATEGORIES).eval()
    for module in model.modules():  # as after training: statistics that do something
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return model


def constant_network(category_scores):
    """A network that gives the same scores for any picture."""
    model = network()
    with torch.no_grad():
        model.fc.weight.zero_()
        model.fc.bias.copy_(torch.as_tensor(category_scores, dtype=torch.float32))
    return model


def save(model, path, legacy=True):
    """As the publisher's file: a training's dictionary, `module.` before each name, no batch counters, old format."""
    state = {f"module.{k}": v for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}
    torch.save(
        {"epoch": 90, "arch": "resnet18", "state_dict": state, "best_prec1": 54.2},
        path,
        _use_new_zipfile_serialization=not legacy,
    )
    return path


def save_table(flags, path):
    lines = [f"/{chr(97 + n % 26)}/category_{n} {2 if outdoors else 1}" for n, outdoors in enumerate(flags)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
