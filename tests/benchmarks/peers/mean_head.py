"""The cross-encoder as transformers loads it: BERT, the mean of its last states, a linear head.

A copy of this file lies in the exported folder, which names it, so that a peer that only knows
`AutoModelForSequenceClassification` reads the same model as the others.
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertModel, BertPreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput


class MeanForSequenceClassification(BertPreTrainedModel):
    """One score a pair."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.bert = BertModel(config, add_pooling_layer=False)
        self.classifier = nn.Linear(config.hidden_size, 1)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        token_type_ids: Tensor | None = None,
        **_: Any,
    ) -> SequenceClassifierOutput:
        """Ids and masks [B, T] -> logits [B, 1]."""
        states = self.bert(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)[
            0
        ]
        return SequenceClassifierOutput(logits=self.classifier(mean(states, attention_mask)))


def mean(states: Tensor, present: Tensor) -> Tensor:
    """States [B, T, D] -> [B, D], of the places [B, T] that hold a token."""
    weights = present[..., None].to(states.dtype)
    return torch.sum(states * weights, dim=1) / torch.sum(weights, dim=1)
