"""HTTP: ``POST /recommend`` answers with products, ``POST /feedback`` takes what became of them."""

import bentoml

from bentos.recommend.schema import SCENARIO, RecommendAnswer, RecommendRequest
from bentos.serving.feedback import FeedbackAnswer, FeedbackRequest
from bentos.serving.http import SERVED
from bentos.serving.image import serving_image


@bentoml.service(
    name=SCENARIO,
    image=serving_image(),
    **SERVED,
)
class Recommend:
    """The models of the rollout over one online state; all are swapped while it serves."""

    def __init__(self) -> None:
        """Takes the models into service."""
        # Imported where it serves: BentoML's supervising process reads this module, too, and
        # has no use for torch.
        from bentos.recommend.answers import RecommendAnswers

        self._answers = RecommendAnswers()

    @bentoml.api(route="/recommend")
    async def recommend(self, request: RecommendRequest, /) -> RecommendAnswer:
        """Ranks the whole catalogue for a shopper."""
        return await self._answers.recommend(request)

    @bentoml.api(route="/feedback")
    def feedback(self, request: FeedbackRequest, /) -> FeedbackAnswer:
        """Takes events; the next answer for their users knows them, on every worker."""
        return self._answers.feedback(request)

    @bentoml.on_shutdown
    def close(self) -> None:
        """Closes the logs."""
        self._answers.close()
