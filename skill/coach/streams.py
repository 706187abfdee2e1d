"""Streams: recordings that the device plays on its own, and what it tells of them."""

from dataclasses import replace

from skill.coach.events import StreamChanged, Streaming
from skill.coach.moment import Moment, Turn
from skill.coach.reply import Reply
from skill.routine.place import find
from skill.routine.playback import PlaybackState, finish, pause_at, play, settle
from skill.routine.timeline import Position
from skill.routine.units import EpochMs, seconds

LISTENING = seconds(30)
"""A stream that stopped less than this ago stopped for what is being said now, and is taken to play."""


def stream_changed(event: StreamChanged, m: Moment) -> Turn:
    """Follow the stream. Word of an older one changes nothing, and a question stays open."""
    about_this = event.to is Streaming.REFUSED or _is_of_stream(m)
    after = _followed(event.to, m) if m.state.stream and about_this else m
    return Turn(after.state, Reply())


def caught_up(m: Moment) -> Moment:
    """The moment with the place that the device tells of its stream.

    A stream that has just been interrupted is taken to play, so that what was asked is answered and
    the routine goes on.
    """
    stream = m.state.stream
    if stream is None or not _goes_on(m):
        return m
    playing = play(_place_in_stream(m), len(m.timeline), m.now)
    return m.changed(playback=playing, stream=replace(stream, interrupted=EpochMs(0)))


def _followed(to: Streaming, m: Moment) -> Moment:
    stream, position = m.state.stream, _place_in_stream(m)
    playing = m.playback.state is PlaybackState.PLAYING
    if stream is None:
        return m
    match to:
        case Streaming.STARTED if (playing or stream.interrupted) and position != m.timeline.end:
            started = play(position, len(m.timeline), m.now)
            return m.changed(playback=started, stream=replace(stream, interrupted=EpochMs(0)))
        case Streaming.STOPPED if playing:
            return m.changed(playback=pause_at(position), stream=replace(stream, interrupted=m.now))
        case Streaming.FINISHED if playing or stream.interrupted:
            return m.changed(playback=finish(m.timeline), stream=None)
        case Streaming.STOPPED | Streaming.FAILED | Streaming.REFUSED if m.playback.begun:
            return m.changed(playback=pause_at(position))
    return m


def _goes_on(m: Moment) -> bool:
    stream = m.state.stream
    if stream and stream.interrupted:
        return m.now - stream.interrupted <= LISTENING
    return m.playback.state is PlaybackState.PLAYING


def _place_in_stream(m: Moment) -> Position:
    """Where the stream is: by the device's own word, else by the clock."""
    if m.heard and m.heard.place and _is_of_stream(m):
        return find(m.timeline, m.heard.place)
    return settle(m.playback, m.timeline, m.now).position


def _is_of_stream(m: Moment) -> bool:
    return bool(m.heard and m.state.stream and m.heard.stream == m.state.stream.number)
