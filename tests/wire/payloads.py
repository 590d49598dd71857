"""The JSON shapes Discord sends, complete enough for its own response schemas."""

from datetime import UTC, datetime
from typing import Any

from tests.wire.model import ALL_PERMISSIONS, Attachment, Channel, Guild, Member, Message, Role, User

Json = dict[str, Any]


def iso(milliseconds: int) -> str:
    """A time as Discord writes it: ISO 8601, microseconds, offset."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="microseconds")


def user(account: User) -> Json:
    """A user object."""
    return {
        "id": str(account.id),
        "username": account.username,
        "discriminator": "0000" if account.bot else "0",
        "global_name": account.global_name,
        "avatar": None,
        "banner": None,
        "accent_color": None,
        "bot": account.bot,
        "system": False,
        "flags": 0,
        "public_flags": 0,
        "primary_guild": None,
        "avatar_decoration_data": None,
        "collectibles": None,
    }


def own_user(account: User) -> Json:
    """The bot's own user object, as GET /users/@me and READY give it."""
    return user(account) | {"mfa_enabled": True, "locale": account.locale, "verified": True, "email": None}


def application(account: User, owner: User, application_id: int, guild_count: int) -> Json:
    """The application object of GET /oauth2/applications/@me."""
    return {
        "id": str(application_id),
        "name": account.username,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user(account),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 1 << 15 | 1 << 19,
        "flags_new": str(1 << 15 | 1 << 19),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user(owner),
        "approximate_guild_count": guild_count,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
        "summary": "",
    }


def role(item: Role) -> Json:
    """A role object."""
    return {
        "id": str(item.id),
        "name": item.name,
        "permissions": str(item.permissions),
        "position": item.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def partial_member(item: Member) -> Json:
    """A member object without its user, as in `resolved.members`."""
    return {
        "roles": [str(role.id) for role in item.roles],
        "nick": item.nick,
        "avatar": None,
        "banner": None,
        "joined_at": iso(item.joined_ms),
        "premium_since": None,
        "communication_disabled_until": item.timed_out_until,
        "pending": False,
        "flags": 0,
    }


def member(item: Member) -> Json:
    """A member object."""
    return partial_member(item) | {"user": user(item.user), "mute": False, "deaf": False}


def acting_member(item: Member) -> Json:
    """The member of an interaction: with the permissions in the channel."""
    return member(item) | {"permissions": str(item.permissions)}


def channel(item: Channel) -> Json:
    """A guild channel object."""
    return {
        "id": str(item.id),
        "type": item.type,
        "guild_id": str(item.guild.id),
        "name": item.name,
        "topic": item.topic,
        "position": item.position,
        "permission_overwrites": [],
        "parent_id": None,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "nsfw": False,
        "flags": 0,
    }


def direct_channel(item: Channel, recipient: User) -> Json:
    """A channel of direct messages with one person."""
    return {
        "id": str(item.id),
        "type": item.type,
        "last_message_id": None,
        "flags": 0,
        "recipients": [user(recipient)],
    }


def resolved_channel(item: Channel) -> Json:
    """A partial channel, as in `resolved.channels`."""
    return {
        "id": str(item.id),
        "name": item.name,
        "type": item.type,
        "permissions": str(ALL_PERMISSIONS),
        "parent_id": None,
    }


def guild(item: Guild) -> Json:
    """A guild object of the REST API."""
    return {
        "id": str(item.id),
        "name": item.name,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": str(item.owner_id),
        "application_id": None,
        "region": "us-west",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 1,
        "roles": [role(one) for one in item.roles.values()],
        "default_message_notifications": 0,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": item.locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }


def guild_create(item: Guild, bot_id: int) -> Json:
    """The GUILD_CREATE event: as on Discord only the bot's own member is in it, the rest comes in chunks."""
    return guild(item) | {
        "joined_at": iso(item.members[bot_id].joined_ms),
        "large": False,
        "unavailable": False,
        "member_count": len(item.members),
        "members": [member(item.members[bot_id])],
        "channels": [channel(one) for one in item.channels.values() if not one.deleted],
        "threads": [],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def attachment(item: Attachment, *, ephemeral: bool = False) -> Json:
    """An attachment object."""
    body: Json = {
        "id": str(item.id),
        "filename": item.upload.filename,
        "size": len(item.upload.data),
        "url": item.url,
        "proxy_url": item.url,
        "content_type": item.upload.content_type,
    }
    if item.description is not None:
        body["description"] = item.description
    if ephemeral:
        body["ephemeral"] = True
    return body


def message(item: Message) -> Json:
    """A message object of the REST API."""
    body: Json = {
        "id": str(item.id),
        "type": item.type,
        "channel_id": str(item.channel.id),
        "author": user(item.author),
        "content": item.content,
        "timestamp": iso(item.created_ms),
        "edited_timestamp": None if item.edited_ms is None else iso(item.edited_ms),
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [attachment(one, ephemeral=item.ephemeral) for one in item.attachments],
        "embeds": item.embeds,
        "components": item.components,
        "pinned": False,
        "flags": item.flags,
    }
    optional = {
        "nonce": item.nonce,
        "application_id": None if item.application_id is None else str(item.application_id),
        "webhook_id": None if item.webhook_id is None else str(item.webhook_id),
        "interaction_metadata": item.metadata,
        "message_reference": item.reference,
    }
    body.update((key, value) for key, value in optional.items() if value is not None)
    return body


def message_event(item: Message, *, with_content: bool) -> Json:
    """The MESSAGE_CREATE / MESSAGE_UPDATE event; without the message content intent other people's text is empty."""
    body = message(item) | {"guild_id": str(item.channel.guild.id)}
    author = item.channel.guild.members.get(item.author.id)
    if author is not None and item.webhook_id is None:
        body["member"] = {key: value for key, value in member(author).items() if key != "user"}
    if not with_content:
        body |= {"content": "", "embeds": [], "attachments": [], "components": []}
    return body


def normal_time(text: str) -> str:
    """An ISO 8601 time in the form Discord gives it back: in UTC, with offset."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
