import { byId } from "./dom.ts";
import { ClusterView } from "./cluster.ts";
import { Crowd } from "./crowd.ts";
import { Desk } from "./desk.ts";
import { dot } from "./dot.ts";
import { operator } from "./operator.ts";
import { readSettings } from "./settings.ts";
import type { State } from "../../../client/src/index.ts";

const settings = readSettings();
const desk = new Desk(settings);

const idle = byId<HTMLSelectElement>("idle");
if (![...idle.options].some((o) => Number(o.value) === settings.idleSeconds)) idle.add(new Option(`${settings.idleSeconds} s`, String(settings.idleSeconds)));
idle.value = String(settings.idleSeconds);
idle.addEventListener("change", () => desk.setIdle(Number(idle.value)));

for (const place of document.querySelectorAll<HTMLElement>("[data-dot]")) place.prepend(dot(place.dataset.dot as State));

const view = new ClusterView();
new Crowd((text) => view.explain(text));

byId("operator").addEventListener("submit", (e) => {
  e.preventDefault();
  operator.token = byId<HTMLInputElement>("operator-token").value.trim();
  void view.poll();
});
