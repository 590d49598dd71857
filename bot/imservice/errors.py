"""The refusals of the API as exceptions: status, `error` and `error_description` (facts 2)."""

from collections.abc import Mapping


class ApiError(Exception):
    """A refusal that is answered as the documented error body."""

    def __init__(
        self,
        status: int,
        error: str,
        description: str,
        *,
        exception: str = "IllegalArgumentException",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {error}: {description}")
        self.status = status
        self.error = error
        self.description = description
        self.exception = exception
        self.headers = headers


def shown(value: object, limit: int = 80) -> str:
    """Return foreign text cut and cleaned for an error description; of any other value only its type."""
    raw = value if isinstance(value, str) else type(value).__name__
    text = "".join(c for c in raw[: limit + 1] if c.isprintable())
    return text if len(text) <= limit else text[:limit] + "..."


def illegal_argument(description: str = "this is an invalid request.") -> ApiError:
    """400: an argument is missing, malformed or out of range."""
    return ApiError(400, "illegal_argument", description)


def illegal_username(name: object) -> ApiError:
    """400: the text cannot be a user name (facts 3)."""
    return illegal_argument(f"username {shown(name)} is not legal")


def broken_json(description: str) -> ApiError:
    """400: the body is not JSON."""
    return ApiError(400, "json_parse", description, exception="JsonParseException")


def user_not_found() -> ApiError:
    """404: a user id that was never registered."""
    return ApiError(404, "service_resource_not_found", "Service resource not found", exception="UserNotFoundException")


def not_found(description: str) -> ApiError:
    """404: a community, channel, category or URL that does not exist."""
    return ApiError(404, "resource_not_found", description, exception="ResourceNotFoundException")


def forbidden(description: str) -> ApiError:
    """403: the operation is not allowed on this target (A14, A29)."""
    return ApiError(403, "forbidden_op", description, exception="EasemobForbiddenOpException")


def not_members(name: str) -> ApiError:
    """403: the user is not a member (A29)."""
    return forbidden(f"users [{shown(name)}] are not members of this group!")


def on_owner() -> ApiError:
    """403: the owner can be neither muted nor removed."""
    return forbidden("forbidden operation on group owner!")


def group_error(status: int, description: str) -> ApiError:
    """400, 403 or 404 of what concerns threads and their messages (facts 2.3)."""
    return ApiError(status, "group_error", description, exception="GroupErrorException")


def bad_request(description: str) -> ApiError:
    """400 of reactions (facts 2.3)."""
    return ApiError(400, "Bad Request", description, exception="BadRequestException")


def message_refused(description: str) -> ApiError:
    """400: a message that lacks something or has too much of it (facts 5)."""
    return ApiError(400, "message_send_error", description, exception="MessageSendException")


def malformed_message() -> ApiError:
    """400: a message with a field of the wrong type (facts 5, 11)."""
    return ApiError(
        400,
        "invalid_request_body",
        "Request body is invalid. Please check body is correct.",
        exception="InvalidRequestBodyException",
    )


def too_many_messages() -> ApiError:
    """403: more messages in this second than the app may send (facts 4)."""
    return ApiError(403, "message_send_error", "message send reach limit", exception="MessageSendException")


def limit_exceeded(description: str) -> ApiError:
    """403: a documented maximum is reached."""
    return ApiError(403, "exceed_limit", description, exception="ExceedLimitException")


def unauthorized(description: str, *, error: str = "unauthorized") -> ApiError:
    """401: no, a wrong or an expired token (facts 1.3)."""
    return ApiError(401, error, description, exception="org.apache.usergrid.rest.exceptions.SecurityException")


def rate_limited() -> ApiError:
    """429: too many calls in this second (facts 4)."""
    return ApiError(
        429,
        "reach_limit",
        "This request has reached api limit",
        exception="ReachLimitException",
        headers={"Retry-After": "1"},
    )


def unavailable(description: str = "Service temporarily unavailable, please try again later.") -> ApiError:
    """503: the database is locked, full or gone; nothing was changed."""
    return ApiError(503, "service_unavailable", description, exception="ServiceUnavailableException")


def server_error() -> ApiError:
    """500: a fault of the service itself."""
    return ApiError(500, "internal_server_error", "Internal Server Error", exception="RuntimeException")
