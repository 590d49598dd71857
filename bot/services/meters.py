"""What the program counts about itself, for `/metrics` (design section 10); never a name, a text or a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from bot.im import CallRecord

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_CALL_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)
_WAIT_BUCKETS: Final = (0.001, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0, 600.0)
_COMMAND_BUCKETS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0)
_CALLBACK_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0)


class Meters:
    """Counters and gauges in a registry of their own, so that two programs in one process do not share them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.commands = Counter(
            "warden_commands", "Slash commands, buttons and forms by outcome.", ["command", "outcome"],
            registry=self.registry,
        )  # fmt: skip
        self.command_seconds = Histogram(
            "warden_command_seconds", "From a command's arrival to its last answer.", ["command"],
            buckets=_COMMAND_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.calls = Counter(
            "warden_im_calls", "Calls of the IM's API by endpoint and outcome.", ["endpoint", "outcome", "lane"],
            registry=self.registry,
        )  # fmt: skip
        self.call_seconds = Histogram(
            "warden_im_call_seconds", "How long calls of the IM's API took, their waits included.", ["endpoint"],
            buckets=_CALL_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.pacing_seconds = Histogram(
            "warden_im_pacing_wait_seconds", "How long calls waited for their turn.", ["lane"],
            buckets=_WAIT_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.callbacks = Counter(
            "warden_callbacks", "Callbacks of the IM by how they were received.", ["outcome"], registry=self.registry
        )
        self.callback_seconds = Histogram(
            "warden_callback_seconds", "From a callback's arrival to our answer.",
            buckets=_CALLBACK_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.callback_events = Counter(
            "warden_callback_events", "Processed callbacks by what they tell; `unknown` ones are kept.", ["event"],
            registry=self.registry,
        )  # fmt: skip
        self.callbacks_waiting = Gauge(
            "warden_callbacks_waiting", "Callbacks received and not processed yet.", registry=self.registry
        )
        self.feed = Counter(
            "warden_feed_messages", "Messages of the IM for the feed, by whether they were shown.", ["outcome"],
            registry=self.registry,
        )  # fmt: skip
        self.unmutes = Counter("warden_unmutes", "Mutes that were ended, by how.", ["ending"], registry=self.registry)
        self.unmute_lateness = Histogram(
            "warden_unmute_lateness_seconds", "How much later than due a mute was ended by its timer.",
            buckets=_WAIT_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.drift = Counter(
            "warden_drift", "What a comparison with the IM found, by what was done about it.", ["verdict"],
            registry=self.registry,
        )  # fmt: skip
        self.collections = Counter(
            "warden_cleanup_items", "Collections that runs have deleted, restored, kept or were refused.", ["outcome"],
            registry=self.registry,
        )  # fmt: skip
        self.alerts = Counter(
            "warden_alerts", "Alerts by what became of them.", ["kind", "event"], registry=self.registry
        )

    def called(self, record: CallRecord) -> None:
        """Count one call of the IM's API."""
        self.calls.labels(record.endpoint, record.outcome, record.lane.name.lower()).inc()
        self.call_seconds.labels(record.endpoint).observe(record.seconds)
        self.pacing_seconds.labels(record.lane.name.lower()).observe(record.waited)

    def rendered(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self.registry)
