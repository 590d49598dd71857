"""The refusals of Discord, as exceptions that the REST layer turns into answers."""

from typing import Any


class ApiError(Exception):
    """An answer other than 2xx, with Discord's own error code."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} (code {code}): {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, Any]:
        """The JSON body Discord sends with this error."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        return body


class UsageError(ValueError):
    """The test asked for something a Discord user could not do: no such command, option, button, ..."""


def unauthorized() -> ApiError:
    """The bot token is missing or wrong."""
    return ApiError(401, 0, "401: Unauthorized")


def invalid_webhook_token() -> ApiError:
    """The interaction is older than 15 minutes."""
    return ApiError(401, 50027, "Invalid Webhook Token")


def missing_access() -> ApiError:
    """The bot cannot see the channel."""
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    """The bot sees the channel and may not do this in it."""
    return ApiError(403, 50013, "Missing Permissions")


def not_the_author() -> ApiError:
    """Only its author edits a message."""
    return ApiError(403, 50005, "Cannot edit a message authored by another user")


def unknown_route() -> ApiError:
    """The fake does not serve this path; the request is recorded as a violation."""
    return ApiError(404, 0, "404: Not Found")


def unknown_channel() -> ApiError:
    """The channel is deleted or never was."""
    return ApiError(404, 10003, "Unknown Channel")


def unknown_guild() -> ApiError:
    """No such guild."""
    return ApiError(404, 10004, "Unknown Guild")


def unknown_member() -> ApiError:
    """No such member in this guild."""
    return ApiError(404, 10007, "Unknown Member")


def unknown_message() -> ApiError:
    """The message is deleted or never was."""
    return ApiError(404, 10008, "Unknown Message")


def unknown_user() -> ApiError:
    """No such user."""
    return ApiError(404, 10013, "Unknown User")


def unknown_webhook() -> ApiError:
    """The interaction token is unknown, or nothing was answered to the interaction yet."""
    return ApiError(404, 10015, "Unknown Webhook")


def unknown_interaction() -> ApiError:
    """The interaction is unknown, or three seconds have passed without a first answer."""
    return ApiError(404, 10062, "Unknown interaction")


def unknown_command() -> ApiError:
    """No such application command."""
    return ApiError(404, 10063, "Unknown application command")


def already_acknowledged() -> ApiError:
    """The interaction had its first answer."""
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def invalid_recipient() -> ApiError:
    """Direct messages go to people only."""
    return ApiError(400, 50033, "Invalid Recipient(s)")


def empty_message() -> ApiError:
    """Nothing to show: no text, embed, component, file, poll or sticker."""
    return ApiError(400, 50006, "Cannot send an empty message")


def too_large() -> ApiError:
    """A file is larger than the guild allows."""
    return ApiError(413, 40005, "Request entity too large")
