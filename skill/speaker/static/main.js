import { Awake } from "./awake.js";
import { Clock } from "./clock.js";
import { Microphone } from "./microphone.js";
import { Player } from "./player.js";
import { Recording } from "./recording.js";
import { Screen } from "./screen.js";
import { Server } from "./server.js";
import { Session } from "./session.js";
import { Sound } from "./sound.js";
import { SoundSwitch } from "./sound_switch.js";
import { Suggestions } from "./suggestions.js";
import { Tempo } from "./tempo.js";
import { View } from "./view.js";
import { Voice } from "./voice.js";

const TICK_MS = 100;

const part = (id) => document.getElementById(id);
const text = part("text");
const clock = new Clock();
const sound = new Sound();
const voice = new Voice(sound);
const recording = new Recording(clock, sound);
const tempo = new Tempo(clock, recording);
const awake = new Awake();
const server = new Server(pageId());
const player = new Player({ tempo, recording, voice, onFrame: (frame) => view.frame(frame) });
const session = new Session({ server, player, clock, busy, onChange });
const suggestions = new Suggestions(part("suggestions"), say);
const view = new View({
  player,
  suggestions,
  screen: new Screen(),
  status: part("status"),
  toggle: part("toggle"),
});
const soundSwitch = new SoundSwitch(part("sound"), { sound, voice, recording, player });
const microphone = new Microphone(part("microphone"), { onStart: hush, onText: hear, onEnd: unhush });

function say(words) {
  microphone.stop();
  session.say(words);
}

/** Whether the person is about to say something: then nobody is asked again, and nothing ends. */
function busy() {
  return text.value.trim() !== "" || microphone.active;
}

function onChange(mode, detail) {
  view.mode(mode, detail);
  awake.keep(["thinking", "speaking", "listening"].includes(mode));
  if (mode === "trouble") keep(detail);
  if (view.fresh) show(false);
}

/** What could not be sent stands in the box again. */
function keep(words) {
  if (!words) show(false);
  else if (!text.value) text.value = words;
}

function hush() {
  sound.hushed = true;
  player.hush();
  view.note("I am listening\u2026");
}

function hear(words, final) {
  text.value = final ? "" : words;
  if (final && words) session.say(words);
}

function unhush(problem) {
  sound.hushed = false;
  text.value = "";
  view.note(problem);
}

function show(started) {
  part("start").hidden = started;
  for (const id of ["stage", "talk"]) part(id).hidden = !started;
}

function start() {
  voice.unlock();
  recording.unlock();
  show(true);
  session.say();
}

function submit(event) {
  event.preventDefault();
  const words = text.value.trim();
  text.value = "";
  if (words) say(words);
}

function press(event) {
  const button = event.target.closest("button[data-say]");
  if (button) say(button.dataset.say);
}

/** A tapped button gives the keyboard back, so that the space bar pauses again. */
function release(event) {
  if (event.detail) event.target.closest("button")?.blur();
}

function key(event) {
  const free = document.activeElement === document.body || document.activeElement === null;
  const plain = !event.repeat && !event.ctrlKey && !event.altKey && !event.metaKey;
  if (event.code !== "Space" || !plain || !free || part("talk").hidden) return;
  event.preventDefault();
  part("toggle").click();
}

async function load() {
  const { locale, examples } = await server.examples();
  document.documentElement.lang = locale;
  voice.locale = locale;
  microphone.locale = locale;
  soundSwitch.draw();
  suggestions.examples = examples;
}

/** The same for as long as the tab lives, however often the page is loaded again. */
function pageId() {
  const id = sessionStorage.getItem("page") ?? newId();
  sessionStorage.setItem("page", id);
  return id;
}

/** randomUUID is there on secure pages only, and this one may be opened from a phone on the same network. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return crypto.randomUUID?.() ?? Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

recording.onPaused = () => session.open && say("pause");
part("start").addEventListener("click", start);
part("controls").addEventListener("click", press);
part("form").addEventListener("submit", submit);
document.addEventListener("click", release);
document.addEventListener("keydown", key);
window.addEventListener("pagehide", () => session.leave());
setInterval(() => view.tick(), TICK_MS);
load().catch(() => view.note("The coach cannot be reached just now."));
