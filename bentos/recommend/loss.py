"""The loss of a batch: one softmax an example over its candidates and products drawn for all.

The listwise softmax cross-entropy with several positives (Cao et al., ListNet, 2007), an example
weighted by the square root of their number; drawn products carry the log-Q correction (Yi et al.
2019), so that popular ones are not punished for being drawn often.
"""

import torch
from torch import Tensor

from bentos.recommend.batches import Batch
from bentos.recommend.features import STATISTICS
from bentos.recommend.model import BasketModel


def batch_loss(model: BasketModel, texts: Tensor, batch: Batch) -> Tensor:
    """The mean loss of a batch; ``texts`` [texts, text] and the batch lie on the model's device."""
    vectors = model.vectors(texts, batch.codes)
    user = model.users(batch.baskets, vectors)
    candidate = vectors[batch.candidate]  # [B, K, D]
    product = batch.codes.product
    own = (
        (user[:, None] * candidate).sum(-1) / model.temperature
        + model.biases(product[batch.candidate], batch.features[..., STATISTICS])
        + model.refinement(user, candidate, batch.features)
    ).float()
    biases = model.biases(product[batch.drawn], batch.drawn_statistics)[batch.week]  # [B, S]
    rest = model.match(user, vectors[batch.drawn]).float() + biases.float()
    return softmax_loss(
        own + batch.correction, batch.positive, rest + batch.drawn_correction, batch.label
    )


def softmax_loss(own: Tensor, positive: Tensor, rest: Tensor, label: Tensor) -> Tensor:
    """Scores [B, K] and [B, S] and which of them are positive -> the mean over B."""
    norm = torch.logsumexp(torch.cat([own, rest], 1), 1, keepdim=True)
    likelihood = ((own - norm) * positive).sum(1) + ((rest - norm) * label).sum(1)
    n = (positive.sum(1) + label.sum(1)).clamp(min=1)
    return -(likelihood / n.sqrt()).mean()
