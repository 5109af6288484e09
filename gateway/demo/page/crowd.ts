import { heartbeats, Refused, type Beat } from "./api.ts";
import { operator } from "./operator.ts";

const everySeconds = 15; // each of the crowd beats so often, well within a deadline of 65 s
const idleShare = 0.2;

/** Crowd lets participants beat by POST /v1/heartbeats, like a backend: the API has nothing for the demo alone. */
export class Crowd {
  private size = 0;
  private second = 0;

  constructor(private explain: (text: string) => void) {
    for (const input of document.querySelectorAll<HTMLInputElement>("input[name=crowd]")) {
      input.addEventListener("change", () => this.set(Number(input.value)));
    }
    setInterval(() => void this.beat(), 1000);
  }

  private set(size: number): void {
    this.explain(size > 0
      ? `${size.toLocaleString("en")} participants beat every ${everySeconds} seconds; every fifth heartbeat says idle. Only flips are changes.`
      : "The crowd has stopped beating. One by one they go offline when their deadline has passed, and are forgotten two minutes after their last sign of life.");
    this.size = size;
  }

  /** beat lets those beat whose turn it is. */
  private async beat(): Promise<void> {
    const turn = this.second++ % everySeconds;
    const beats: Beat[] = [];
    for (let i = turn; i < this.size; i += everySeconds) {
      beats.push({ participant_id: `crowd-${i}`, device_id: "browser", activity: Math.random() < idleShare ? "idle" : "online" });
    }
    if (!beats.length) return;
    try {
      await heartbeats(operator.token, beats);
    } catch (e) {
      if (e instanceof Refused) this.explain(`The crowd’s heartbeats were refused: ${e.message}`);
      else if (!(e instanceof TypeError)) throw e; // the node is away; the next second may be better
    }
  }
}
