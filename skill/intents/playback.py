"""Intents about playing."""

from skill.coach import events
from skill.intents.family import Family

FAMILY: Family = {
    "AMAZON.NextIntent": lambda slots: events.Next(),
    "AMAZON.PreviousIntent": lambda slots: events.Previous(),
    "AMAZON.RepeatIntent": lambda slots: events.Repeat(),
    "AMAZON.StartOverIntent": lambda slots: events.StartOver(),
    "AMAZON.PauseIntent": lambda slots: events.Pause(),
    "AMAZON.ResumeIntent": lambda slots: events.Resume(),
    "AMAZON.LoopOnIntent": lambda slots: events.LoopOrShuffle(),
    "AMAZON.LoopOffIntent": lambda slots: events.LoopOrShuffle(),
    "AMAZON.ShuffleOnIntent": lambda slots: events.LoopOrShuffle(),
    "AMAZON.ShuffleOffIntent": lambda slots: events.LoopOrShuffle(),
    "ReadyIntent": lambda slots: events.Ready(),
    "TimeLeftIntent": lambda slots: events.TimeLeft(),
    "WhereAmIIntent": lambda slots: events.WhereAmI(),
    "ProgressIntent": lambda slots: events.Progress(),
}
