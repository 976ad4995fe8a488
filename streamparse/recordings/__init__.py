"""Recordings of components: what Storm and a component said to each other, in files.

Component processes that record import modules of this package, so its door loads nothing by itself.
"""

from streamparse.lazy import lazy_getattr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from streamparse.recordings.format import (
        BLOCK,
        END,
        ENDS,
        FROM_STORM,
        IDLE,
        RECORDING_VERSION,
        REDACTED,
        TO_STORM,
        Block,
        BlockReader,
        End,
        Head,
        Idle,
        RecordingError,
        Said,
        block_text,
        end_line,
        head_line,
        idle_line,
        parse_line,
        said_line,
    )
    from streamparse.recordings.reading import Recording, read_head, read_recordings
    from streamparse.recordings.recorder import Recorder, begin_recording
    from streamparse.recordings.settings import (
        RecordSettings,
        SettingsError,
        nothing_recorded,
        record_settings,
        split_record,
    )

__all__ = [
    "BLOCK",
    "END",
    "ENDS",
    "FROM_STORM",
    "IDLE",
    "RECORDING_VERSION",
    "REDACTED",
    "TO_STORM",
    "Block",
    "BlockReader",
    "End",
    "Head",
    "Idle",
    "RecordSettings",
    "Recorder",
    "Recording",
    "RecordingError",
    "Said",
    "SettingsError",
    "begin_recording",
    "block_text",
    "end_line",
    "head_line",
    "idle_line",
    "nothing_recorded",
    "parse_line",
    "read_head",
    "read_recordings",
    "record_settings",
    "said_line",
    "split_record",
]

_HOMES = {
    "format": [
        "BLOCK",
        "END",
        "ENDS",
        "FROM_STORM",
        "IDLE",
        "RECORDING_VERSION",
        "REDACTED",
        "TO_STORM",
        "Block",
        "BlockReader",
        "End",
        "Head",
        "Idle",
        "RecordingError",
        "Said",
        "block_text",
        "end_line",
        "head_line",
        "idle_line",
        "parse_line",
        "said_line",
    ],
    "reading": ["Recording", "read_head", "read_recordings"],
    "recorder": ["Recorder", "begin_recording"],
    "settings": [
        "RecordSettings",
        "SettingsError",
        "nothing_recorded",
        "record_settings",
        "split_record",
    ],
}
__getattr__ = lazy_getattr(__name__, _HOMES)
