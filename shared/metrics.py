"""The names and meanings of our metrics, in one file. Labels never carry a tenant: per-tenant views come from SQL."""

from prometheus_client import Counter, Gauge, Histogram

OUTBOX_WAITING = Gauge("outbox_unpublished_count", "Events read from the outbox in the last turn")
OUTBOX_OLDEST = Gauge("outbox_oldest_age_seconds", "Age of the oldest event not yet sent: the alert")
RELAY_SECONDS = Histogram("relay_publish_seconds", "Time from the first send of a batch to its last acknowledgement")
CONSUMER_LAG = Gauge("consumer_lag", "Records ahead of this member", ["topic", "partition"])
END_TO_END = Histogram("event_end_to_end_seconds", "From ce_time to the end of handling", ["type"])
HANDLER_SECONDS = Histogram("handler_seconds", "Time of one handler", ["type", "outcome"])
DUPLICATES = Counter("inbox_duplicates_total", "Events that came again and were skipped")
DEAD_LETTERS = Counter("dead_letters_total", "Events set aside for good", ["reason"])
PAUSED = Gauge("consumer_paused", "1 while the consumer waits for a database that is away")
DUE_DONE = Counter("due_work_done_total", "Due work carried out", ["kind", "outcome"])
