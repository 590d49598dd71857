"""Both ways to a service with the published default credentials."""

from bot.im import EasemobAuth, ShengwangAuth
from bot.imservice import DEFAULT_CREDENTIALS

MINE = DEFAULT_CREDENTIALS
DIALECTS = {
    "easemob": EasemobAuth(MINE.org, MINE.app, MINE.client_id, MINE.client_secret),
    "shengwang": ShengwangAuth(MINE.app_id, MINE.app_certificate),
}
