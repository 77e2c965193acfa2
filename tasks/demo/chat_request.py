"""The part of OpenAI's chat completion request that the teacher speaks; all else is refused."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MODEL = "demo-scripted-teacher"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChatMessage(_Strict):
    """One message; parts that are not text are ignored by `text`."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[dict[str, Any]] | None = None
    name: str | None = None
    refusal: str | None = None
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None

    @property
    def text(self) -> str:
        """The plain text of the content."""
        if isinstance(self.content, list):
            return "\n".join(str(part.get("text", "")) for part in self.content)
        return self.content or ""


class JsonSchema(_Strict):
    """The schema of a tagging request: it must list the task types to choose from."""

    name: str
    description: str | None = None
    strict: bool | None = None
    schema_: dict[str, Any] = Field(alias="schema")


class ResponseFormat(_Strict):
    """Free text, or one JSON object with `task_type`, or with several of them."""

    type: Literal["text", "json_schema"]
    json_schema: JsonSchema | None = None


class ChatRequest(_Strict):
    """A request; unknown fields are an error, known ones are checked for type and range."""

    model: str
    messages: list[ChatMessage] = Field(min_length=1)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    seed: int | None = None
    stop: str | list[str] | None = None
    n: Literal[1] | None = None
    response_format: ResponseFormat | None = None
    user: str | None = None
    metadata: dict[str, str] | None = None

    @property
    def user_turns(self) -> list[str]:
        """What the user said, oldest first."""
        return [message.text for message in self.messages if message.role == "user"]

    @property
    def token_limit(self) -> int | None:
        """The longest answer asked for, in tokens."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def task_types(self) -> list[str] | None:
        """The closed list of a tagging request; None for a request of free text.

        Raises:
            Refused: a JSON schema without an enum named `task_type`.
        """
        asked = self.response_format
        if asked is None or asked.type == "text":
            return None
        properties = self._properties
        packed = properties.get("tags", {}).get("items", {}).get("properties", {})
        labels = (packed or properties).get("task_type", {}).get("enum")
        if not labels or not all(isinstance(label, str) for label in labels):
            message = "the only schema supported is one with an enum named task_type"
            raise Refused(400, message, "response_format.json_schema")
        return list(labels)

    @property
    def is_pack(self) -> bool:
        """Whether several prompts are to be tagged at once."""
        return "tags" in self._properties

    @property
    def _properties(self) -> dict[str, Any]:
        asked = self.response_format
        schema = asked.json_schema.schema_ if asked and asked.json_schema else {}
        properties: dict[str, Any] = schema.get("properties", {})
        return properties


class Refused(Exception):
    """A request this server will not answer, as OpenAI would say it."""

    def __init__(
        self, status: int, message: str, param: str | None = None, code: str | None = None
    ) -> None:
        """Keep the HTTP status and the fields of the error body."""
        super().__init__(message)
        self.status = status
        kind = "invalid_request_error" if status < 429 else "server_error"
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


def read_request(body: bytes) -> ChatRequest:
    """Parse and check a request.

    Raises:
        Refused: 400 for anything malformed or not supported, 404 for another model.
    """
    try:
        request = ChatRequest.model_validate_json(body)
    except ValidationError as error:
        raise _refusal(error) from None
    if request.model != MODEL:
        message = f"The model {request.model!r} does not exist; this server has {MODEL!r}."
        raise Refused(404, message, "model", "model_not_found")
    if not request.user_turns:
        raise Refused(400, "messages must hold a user message", "messages", "invalid_value")
    return request


def _refusal(error: ValidationError) -> Refused:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    param = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return Refused(
            400, f"Unknown or unsupported parameter: {param!r}.", param, "unknown_parameter"
        )
    return Refused(400, f"{param or 'body'}: {first['msg']}", param or None, "invalid_value")
