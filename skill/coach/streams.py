"""Streams: recordings that the device plays on its own, and what it tells of them.

What a device tells may be late, out of order, of an older stream, or never come. A place it tells is
believed only from where the stream was begun on, and only until a turn has decided where to pause.
"""

from dataclasses import replace

from skill.coach.events import Ending, SessionEnded, StreamChange, StreamChanged
from skill.coach.moment import Activity, Moment, Turn
from skill.coach.reply import Reply
from skill.coach.state import Stream
from skill.routine.place import find
from skill.routine.playback import PlaybackState, finish, pause_at, play, settle
from skill.routine.timeline import Position
from skill.routine.units import EpochMs, seconds

LISTENING = seconds(30)
"""A stream that stopped less than this ago stopped for what is being said now, and is taken to play."""

NEARLY = seconds(10)
"""A stream that is over with more than this to go has failed."""


def stream_changed(event: StreamChanged, m: Moment) -> Turn:
    """Follow the stream. Word of an older one changes nothing, and a question stays open."""
    stream = m.state.stream
    about_this = event.to is StreamChange.REFUSED or _is_of_stream(m)
    after = _followed(event.to, m, stream) if stream and is_live(m) and about_this else m
    return Turn(after.state, Reply())


def session_ended(event: SessionEnded, m: Moment) -> Turn:
    """A stream goes on without a session, unless the answer that begins it could not be played."""
    refused = event.ending is Ending.NOT_PLAYED
    after = stream_changed(StreamChanged(StreamChange.REFUSED), m).state if refused else m.state
    return Turn(replace(after, question=None, wish=False, misses=0, cleared=m.state.still_cleared), Reply())


def caught_up(m: Moment) -> Moment:
    """The moment with the place that the device tells of its stream.

    A stream that has just been interrupted is taken to play, so that what was asked is answered and
    the routine goes on. One that has stopped without a word is taken to be paused.
    """
    stream, position = m.state.stream, _place_in_stream(m)
    if stream is None or not is_live(m):
        return m
    if _is_awaited(m, stream):
        since = max(m.now, m.playback.since)
        return m.changed(playback=play(position, len(m.timeline), since)) if m.heard else m
    if _is_of_stream(m) and m.heard and m.heard.activity is Activity.OVER:
        return _over(m, position)
    if _goes_on(m, stream, position):
        playing = play(position, len(m.timeline), m.now)
        return m.changed(playback=playing, stream=replace(stream, interrupted=EpochMs(0)))
    return m.changed(playback=pause_at(position), stream=replace(stream, interrupted=EpochMs(0)))


def is_live(m: Moment) -> bool:
    """Whether a stream plays, or is interrupted and may go on."""
    stream = m.state.stream
    return stream is not None and bool(_is_playing(m) or stream.interrupted)


def _is_playing(m: Moment) -> bool:
    return m.playback.state is PlaybackState.PLAYING


def _followed(to: StreamChange, m: Moment, stream: Stream) -> Moment:
    position = _place_in_stream(m)
    match to:
        case StreamChange.STARTED if position != m.timeline.end:
            started = play(position, len(m.timeline), m.now)
            return m.changed(playback=started, stream=Stream(stream.number, started=True))
        case StreamChange.STOPPED if position != m.timeline.end:
            return m.changed(playback=pause_at(position), stream=replace(stream, interrupted=m.now))
        case StreamChange.FAILED:
            return m.changed(playback=pause_at(position), stream=Stream(stream.number))
        case StreamChange.REFUSED if not stream.started:
            return m.changed(playback=pause_at(position), stream=replace(stream, interrupted=m.now))
        case StreamChange.STOPPED | StreamChange.FINISHED:
            return _over(m, position)
    return m


def _over(m: Moment, position: Position) -> Moment:
    """The moment after the stream has ended at `position`: at the end of the routine, or too early."""
    told = m.heard is not None and m.heard.place is not None
    if told and m.timeline.left(position, len(m.timeline)) > NEARLY:
        return m.changed(playback=pause_at(position), stream=None)
    return m.changed(playback=finish(m.timeline), stream=None)


def _is_awaited(m: Moment, stream: Stream) -> bool:
    """Whether the stream has not begun yet: what is said before it still sounds, or the device is slow."""
    sounds = _is_of_stream(m) and m.heard and m.heard.activity is Activity.PLAYING
    return _is_playing(m) and not stream.started and not sounds and m.now - m.playback.since <= LISTENING


def _goes_on(m: Moment, stream: Stream, position: Position) -> bool:
    if m.heard is None:
        if stream.interrupted:
            return m.now - stream.interrupted <= LISTENING
        return settle(m.playback, m.timeline, m.now).state is PlaybackState.PLAYING
    if not _is_of_stream(m) or m.heard.activity in (Activity.PLAYING, Activity.PAUSED):
        return _is_of_stream(m)
    played = m.timeline.offset(position) - m.timeline.offset(m.playback.position)
    stopped = (stream.interrupted or m.playback.since) + played
    return m.now - stopped <= LISTENING


def _place_in_stream(m: Moment) -> Position:
    """Where the stream is: by the device's own word, else by the clock, else where it was last."""
    last, timeline = m.playback.position, m.timeline
    if _is_of_stream(m) and m.heard and m.heard.place:
        told = find(timeline, m.heard.place)
        return told if timeline.offset(told) >= timeline.offset(last) else last
    by_clock = m.state.stream is not None and m.state.stream.started and (not m.heard or _is_of_stream(m))
    now = settle(m.playback, timeline, m.now)
    return now.position if by_clock and now.state is PlaybackState.PLAYING else last


def _is_of_stream(m: Moment) -> bool:
    return bool(m.heard and m.state.stream and m.heard.stream == m.state.stream.number)
