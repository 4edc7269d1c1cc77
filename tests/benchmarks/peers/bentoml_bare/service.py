"""An endpoint as BentoML's documentation has it: 50 items, and nothing computed for them."""

from __future__ import annotations

import bentoml
from pydantic import BaseModel

POOL = [(f"product-{n:02}", 1 / (n + 1)) for n in range(50)]


class Request(BaseModel):
    user_id: str
    limit: int = 10


class Item(BaseModel):
    product_id: str
    rank: int
    score: float
    propensity: float


class Answer(BaseModel):
    request_id: str
    items: list[Item]


@bentoml.service
class Plain:
    @bentoml.api(route="/recommend")  # type: ignore[untyped-decorator]
    def recommend(self, request: Request, /) -> Answer:
        items = [
            Item(product_id=product, rank=rank, score=score, propensity=1.0)
            for rank, (product, score) in enumerate(POOL[: request.limit], start=1)
        ]
        return Answer(request_id="r", items=items)
