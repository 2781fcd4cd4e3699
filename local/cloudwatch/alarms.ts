import { AwsError, type World } from "../world.ts";
import {
  type Alarm,
  type AlarmState,
  alarmTypes,
  type CompositeAlarm,
  type MetricAlarm,
  type StateRecord,
  type Suppressor,
} from "./alarm.ts";
import { evaluationRange, judge, type Point } from "./judge.ts";
import { alarmEvent, evaluationData, stateChangeEvent, triggeringData } from "./payload.ts";
import { type MetricStore, minuteMs, startOfMinute } from "./store.ts";

/** What a listener hears, to show it. */
export type StateChange = { name: string; kind: Alarm["kind"]; from: AlarmState; to: AlarmState; reason: string; atMs: number };
/** An action that CloudWatch could not perform: who deployed it wants to know, and no API says it loudly. */
export type FailedAction = { alarm: string; action: string; code: string; message: string; atMs: number };
type HistoryItem = {
  alarm: string;
  kind: Alarm["kind"];
  type: "ConfigurationUpdate" | "StateUpdate" | "Action";
  summary: string;
  data: string;
  atMs: number;
};

/** After the minute is over, so that what is put on the minute belongs to what is evaluated. */
const evaluationOffsetMs = 10_000;

/**
 * The alarms and their clock: ten seconds after every whole minute all are evaluated, metric alarms by name, then composites
 * after what they read. Nothing is timed while there is no alarm.
 */
export class Alarms {
  readonly #world: World;
  readonly #store: MetricStore;
  readonly #beforeEvaluation: () => Promise<void>;
  readonly #alarms = new Map<string, Alarm>();
  /** Composites whose actions wait for their suppressor to be off. */
  readonly #suppressed = new Map<string, { alarm: CompositeAlarm; state: StateRecord; previous: StateRecord }>();
  readonly #tell: (event: Record<string, unknown>) => Promise<void>;
  readonly #listeners: ((change: StateChange) => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #turn: Promise<void> = Promise.resolve();

  readonly history: HistoryItem[] = [];
  readonly failedActions: FailedAction[] = [];

  /** @param tell sends an event to the event bus */
  constructor(
    world: World,
    store: MetricStore,
    beforeEvaluation: () => Promise<void>,
    tell: (event: Record<string, unknown>) => Promise<void>,
  ) {
    this.#tell = tell;
    this.#world = world;
    this.#store = store;
    this.#beforeEvaluation = beforeEvaluation;
  }

  get(name: string): Alarm | undefined {
    return this.#alarms.get(name);
  }

  /** All alarms by name. */
  list(): Alarm[] {
    return [...this.#alarms.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** A new alarm begins as it is; one that exists gets the new configuration and keeps its state, as on AWS. */
  put(alarm: Alarm): void {
    const existing = this.#alarms.get(alarm.name);
    this.#alarms.set(alarm.name, existing ? { ...alarm, state: existing.state } : alarm);
    this.#configured(alarm, existing ? "Update" : "Create");
    this.#schedule();
  }

  delete(name: string): void {
    const alarm = this.#alarms.get(name);
    if (!alarm) return;
    this.#alarms.delete(name);
    this.#configured(alarm, "Delete");
    if (this.#alarms.size > 0 || this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  onStateChange(listener: (change: StateChange) => void): void {
    this.#listeners.push(listener);
  }

  /** Puts an alarm into a state until its next evaluation. Composites that read it follow at once. */
  setState(name: string, state: Pick<StateRecord, "value" | "reason" | "reasonData">): Promise<void> {
    return this.#inTurn(async () => {
      const alarm = this.#alarms.get(name);
      if (!alarm) return;
      const changed = alarm.state.value !== state.value;
      await this.#transition(alarm, { ...state, atMs: Date.now() });
      if (changed) await this.#evaluateComposites(new Set([name]));
    });
  }

  #schedule(): void {
    if (this.#timer !== null || this.#alarms.size === 0) return;
    const sinceOffset = (Date.now() - evaluationOffsetMs) % minuteMs;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#inTurn(() => this.#evaluateAll()).finally(() => this.#schedule());
    }, minuteMs - sinceOffset);
  }

  /** One after the other, while time stands: two evaluations never meet. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const release = this.#world.hold();
    const done = this.#turn.then(work).finally(release);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #evaluateAll(): Promise<void> {
    await this.#beforeEvaluation();
    const changed = new Set<string>();
    for (const { name } of this.list()) {
      const alarm = this.#alarms.get(name); // an action awaited before may have given time to replace or delete it
      if (alarm?.kind === "metric" && (await this.#evaluate(alarm))) changed.add(alarm.name);
    }
    await this.#evaluateComposites(changed);
  }

  async #evaluate(alarm: MetricAlarm): Promise<boolean> {
    const nowMs = Date.now();
    const { periodMs } = alarm.watched;
    const points = Array.from({ length: evaluationRange(alarm.rule) }, (_, i): Point => {
      // Periods end with the last whole minute and slide with it.
      const atMs = startOfMinute(nowMs) - (i + 1) * periodMs;
      return { atMs, value: alarm.watched.at(this.#store, atMs) };
    });
    const verdict = judge(points, alarm.rule);
    if (verdict === null || verdict.state === alarm.state.value) return false;
    const reasonData = evaluationData(alarm, verdict.evaluated, this.#store, nowMs);
    await this.#transition(alarm, { value: verdict.state, reason: verdict.reason, reasonData, atMs: nowMs });
    return true;
  }

  /** @param changed the alarms that changed just before; composites that change are added */
  async #evaluateComposites(changed: Set<string>): Promise<void> {
    for (const composite of this.#compositesChildrenFirst()) {
      const holds = composite.rule.holds((name) => this.#alarms.get(name)?.state.value ?? "INSUFFICIENT_DATA");
      const value = holds ? "ALARM" : "OK";
      if (value === composite.state.value) continue;
      const children = composite.rule.children.flatMap((name) => this.#alarms.get(name) ?? []);
      const moved = children.filter(({ name }) => changed.has(name));
      const triggering = moved.length > 0 ? moved : children;
      await this.#transition(composite, {
        value,
        reason: triggering.map(({ arn, state }) => `${arn} transitioned to ${state.value} at ${longTime(state.atMs)}`).join(", "),
        reasonData: triggeringData(triggering),
        atMs: Date.now(),
      });
      changed.add(composite.name);
    }
  }

  #compositesChildrenFirst(): CompositeAlarm[] {
    const ordered = new Set<CompositeAlarm>();
    const visit = (alarm: Alarm | undefined) => {
      if (alarm?.kind !== "composite" || ordered.has(alarm)) return;
      for (const name of alarm.rule.children) visit(this.#alarms.get(name));
      ordered.add(alarm);
    };
    for (const alarm of this.list()) visit(alarm);
    return [...ordered];
  }

  async #transition(alarm: Alarm, state: StateRecord): Promise<void> {
    const previous = alarm.state;
    alarm.state = state;
    if (previous.value === state.value) return;
    this.#record(alarm, "StateUpdate", `Alarm updated from ${previous.value} to ${state.value}`, {
      version: "1.0",
      oldState: stateInHistory(previous),
      newState: stateInHistory(state),
    });
    for (const listener of this.#listeners) {
      listener({
        name: alarm.name,
        kind: alarm.kind,
        from: previous.value,
        to: state.value,
        reason: state.reason,
        atMs: state.atMs,
      });
    }
    await this.#tell(stateChangeEvent(alarm, previous, this.#world));
    this.#endSuppression(alarm, previous.value);
    if (!alarm.actionsEnabled || alarm.actions[state.value].length === 0) return;
    if (alarm.kind === "composite" && alarm.suppressor !== null) this.#performUnlessSuppressed(alarm, alarm.suppressor, previous);
    else await this.#perform(alarm, previous);
  }

  async #perform(alarm: Alarm, previous: StateRecord): Promise<void> {
    const payload = JSON.stringify(alarmEvent(alarm, previous, this.#world));
    for (const action of alarm.actions[alarm.state.value]) await this.#invoke(alarm, action, payload);
  }

  /** Waits for the suppressor to come on. If it is on, the actions wait until it is off again. */
  #performUnlessSuppressed(alarm: CompositeAlarm, suppressor: Suppressor, previous: StateRecord): void {
    const isOn = () => this.#alarms.get(suppressor.alarm)?.state.value === "ALARM";
    const { state } = alarm;
    const decide = async () => {
      if (alarm.state !== state || this.#alarms.get(alarm.name) !== alarm) return; // it went on, or was replaced
      if (!isOn()) return this.#perform(alarm, previous);
      this.#suppressed.set(alarm.name, { alarm, state, previous });
      this.#record(alarm, "Action", `Actions are suppressed by ${suppressor.alarm}`, { actionState: "Suppressed" });
    };
    setTimeout(() => void this.#inTurn(decide), isOn() ? 0 : suppressor.waitMs);
  }

  /** A suppressor went off: what it held back is performed after a while, where it still holds. */
  #endSuppression({ name }: Alarm, before: AlarmState): void {
    if (before !== "ALARM") return;
    for (const [own, { alarm, state, previous }] of this.#suppressed) {
      if (alarm.suppressor?.alarm !== name) continue;
      this.#suppressed.delete(own);
      const again = async () => {
        if (alarm.state === state) this.#performUnlessSuppressed(alarm, { ...alarm.suppressor!, waitMs: 0 }, previous);
      };
      setTimeout(() => void this.#inTurn(again), alarm.suppressor.extensionMs);
    }
  }

  async #invoke(alarm: Alarm, action: string, Payload: string): Promise<void> {
    const outcome = { notificationResource: action, stateUpdateTimestamp: alarm.state.atMs };
    try {
      await (action.split(":")[2] === "sns"
        ? this.#world.call(
            "sns",
            "Publish",
            { TopicArn: action, Message: Payload, Subject: subjectOf(alarm) },
            { kind: "service", service: "cloudwatch.amazonaws.com", sourceArn: alarm.arn },
          )
        : this.#world.call(
            "lambda",
            "Invoke",
            { FunctionName: action, InvocationType: "Event", Payload },
            { kind: "service", service: "lambda.alarms.cloudwatch.amazonaws.com", sourceArn: alarm.arn },
          ));
      this.#record(alarm, "Action", `Successfully executed action ${action}`, { actionState: "Succeeded", ...outcome });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { code, message } = error;
      this.failedActions.push({ alarm: alarm.name, action, code, message, atMs: Date.now() });
      this.#record(alarm, "Action", `Failed to execute action ${action}. Received error: "${message}"`, {
        actionState: "Failed",
        ...outcome,
        error: `${code}: ${message}`,
      });
    }
  }

  #configured(alarm: Alarm, type: "Create" | "Update" | "Delete"): void {
    this.#record(alarm, "ConfigurationUpdate", `Alarm "${alarm.name}" ${type.toLowerCase()}d`, { version: "1.0", type });
  }

  #record({ name, kind }: Alarm, type: HistoryItem["type"], summary: string, data: Record<string, unknown>): void {
    this.history.push({
      alarm: name,
      kind,
      type,
      summary,
      data: JSON.stringify({ ...data, alarmType: alarmTypes[kind] }),
      atMs: Date.now(),
    });
  }
}

/** What an e-mail would be about. */
const subjectOf = ({ name, state }: Alarm) => `${state.value}: "${name}"`.slice(0, 100);

function stateInHistory({ value, reason, reasonData }: StateRecord) {
  return {
    stateValue: value,
    stateReason: reason,
    ...(reasonData === null ? {} : { stateReasonData: JSON.parse(reasonData) as unknown }),
  };
}

/** `Friday 04 August, 2023 12:54:46 UTC` */
function longTime(timeMs: number): string {
  const date = new Date(timeMs);
  const part = (options: Intl.DateTimeFormatOptions) => date.toLocaleDateString("en-GB", { ...options, timeZone: "UTC" });
  return `${part({ weekday: "long" })} ${part({ day: "2-digit" })} ${part({ month: "long" })}, ${part({ year: "numeric" })} ${date.toISOString().slice(11, 19)} UTC`;
}
