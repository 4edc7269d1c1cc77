"""HTTP without waste: a service's own endpoints are answered before BentoML's layers see them.

BentoML's tracing, metrics and time-outs around each request cost several times what the request
does. A ``DirectService`` is declared, built and run as any service of BentoML's; its application
answers everything but the POSTs to endpoints that take one pydantic model.
"""

import asyncio
import gc
import inspect
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

from _bentoml_sdk.method import APIMethod
from bentoml import Service
from pydantic import BaseModel, ValidationError
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bentos.serving.client_gone import ClientGone, unless_client_goes
from bentos.serving.deadline import begin, milliseconds_allowed
from bentos.serving.errors import BodyTooLong
from bentos.serving.meters import CLIENT_GONE, Meters
from bentos.serving.one_write import send_whole
from bentos.serving.refusals import not_understood, refusal
from bentos.serving.settings import ServingSettings
from bentos.serving.variants import pinned_in
from bentos.serving.workers import n_workers

_AT_ONCE = 64  # requests that have a thread: most of the time it waits for what is read

T = TypeVar("T")
Handler = Callable[[BaseModel], Awaitable[BaseModel | Response]]


class DirectService(Service[T]):  # type: ignore[misc]  # it has no types
    """A service of BentoML's that answers its endpoints itself."""

    instance: T | None = None

    def __call__(self) -> T:
        """Makes the instance that serves; BentoML does so when its application starts."""
        self.instance = super().__call__()
        return self.instance

    def to_asgi(self, is_main: bool = True) -> ASGIApp:
        """What `bentoml serve` runs."""
        return _Front(self, super().to_asgi(is_main))


SERVED: dict[str, Any] = {  # how BentoML is to run every service
    "service_class": DirectService,
    "workers": n_workers(ServingSettings()),
    "logging": {"access": {"enabled": False}},
}


class _Front:
    """Stands before BentoML's application."""

    def __init__(self, service: DirectService[Any], behind: ASGIApp) -> None:
        self._service = service
        self._behind = behind
        self._endpoints: dict[str, _Endpoint] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            endpoint = self._endpoints.get(scope["path"])
            if endpoint is not None:
                await endpoint.answer(scope, receive, send)
                return
        elif scope["type"] == "lifespan":
            send = partial(self._started, send)
        await self._behind(scope, receive, send)

    async def _started(self, send: Send, message: Message) -> None:
        """Opens the endpoints once BentoML has made the instance."""
        if message["type"] == "lifespan.startup.complete":
            settings = ServingSettings()
            requests = ThreadPoolExecutor(_AT_ONCE, "request")
            asyncio.get_running_loop().set_default_executor(requests)
            for method in self._service.apis.values():
                model = _request_model(method)
                if model is not None:
                    path = (self._service.path_prefix or "") + method.route
                    self._endpoints[path] = _Endpoint(self._service, method, model, settings)
            logging.getLogger("uvicorn.access").propagate = False  # else it is written for nobody
            gc.collect()
            gc.freeze()  # what is loaded stays: no collection is to look through it again
        await send(message)


class _Endpoint:
    """A method of the service, over HTTP."""

    def __init__(
        self,
        service: DirectService[Any],
        method: "APIMethod[..., Any]",
        model: type[BaseModel],
        settings: ServingSettings,
    ) -> None:
        self._path = method.route
        self._model = model
        self._handler = _handler(method, service.instance)
        self._settings = settings
        self._meters = Meters(service.name, method.route)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request and counts it."""
        arrived = time.monotonic()
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)
        self._meters.begin()
        try:
            reply = await self._reply(scope, receive, arrived)
            await send_whole(send, reply)
            status = reply.status_code
        except ClientGone:
            status = CLIENT_GONE  # there is nobody to tell
        finally:
            self._meters.end(status, time.monotonic() - arrived)

    async def _reply(self, scope: Scope, receive: Receive, arrived: float) -> Response:
        try:
            body = await _body(receive, self._settings.longest_body)
            try:
                request = self._model.model_validate_json(body or b"{}")
                usual = self._settings.deadline_ms
                allowed = milliseconds_allowed(request, scope["headers"], usual)
                pinned = pinned_in(scope["headers"])
            except ValidationError as error:
                return not_understood(error)
            asked = begin(arrived, allowed, pinned)  # each request is a task of its own
            try:
                answer = await unless_client_goes(self._handler(request), receive)
            except ClientGone:
                asked.give_up()
                raise
            if isinstance(answer, Response):
                return answer
            return Response(answer.model_dump_json(), media_type="application/json")
        except ClientGone:
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, it is one request's)
            return refusal(error, self._path)


async def _body(receive: Receive, longest: int) -> bytes:
    """A request's body, whole.

    Raises:
        BodyTooLong: it is longer than so many bytes.
        ClientGone: it did not come.
    """
    parts: list[bytes] = []
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > longest:
            raise BodyTooLong(
                f"the request is longer than {longest} bytes; send less at a time, or have "
                "SHOPKEEPER_LONGEST_BODY raised."
            )
        more = message.get("more_body", False)
    return b"".join(parts)


def _request_model(method: "APIMethod[..., Any]") -> type[BaseModel] | None:
    """What the method takes, if it is one pydantic model and nothing else."""
    _, *parameters = inspect.signature(method.func, eval_str=True).parameters.values()
    taken = [parameter.annotation for parameter in parameters]
    if len(taken) == 1 and inspect.isclass(taken[0]) and issubclass(taken[0], BaseModel):
        return taken[0]
    return None


def _handler(method: "APIMethod[..., Any]", instance: object) -> Handler:
    """The method, to be awaited: one that is not ``async`` runs in a thread."""
    bound = partial(method.func, instance)
    if inspect.iscoroutinefunction(method.func):
        return bound
    return partial(asyncio.to_thread, bound)
