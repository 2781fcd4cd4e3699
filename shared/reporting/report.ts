/** Good, bad, or not known: told by a word and a shape, never by colour alone. */
export type Tone = "good" | "bad" | "unsure";

/** What a report says, in the order in which it says it. Plain data: how it looks is the business of page/. Texts are not escaped. */
export type Report = {
  title: string;
  /** What a reader wants to know first, in one sentence. */
  verdict: string;
  tone: Tone;
  /** Of what it is, and where that comes from. */
  about: string[];
  sections: Section[];
};

export type Section = { title: string; blocks: Block[] };

export type Block =
  | { kind: "text"; text: string }
  | { kind: "tiles"; tiles: Tile[] }
  | Table
  | Timeline
  | Distribution
  | { kind: "examples"; caption: string; examples: ShownExample[] }
  /** How each figure was computed. */
  | { kind: "how"; figures: { name: string; how: string }[] };

/** One figure at a glance. */
export type Tile = { name: string; value: string; note: string; tone: Tone | null };

/** `folded`: shown when it is asked for. */
export type Table = { kind: "table"; caption: string; head: Column[]; rows: Cell[][]; folded: boolean };
export type Column = { name: string; isNumber: boolean };
/** A text, one with a tone, or a value that is drawn with its interval beside its text. */
export type Cell = string | { text: string; tone: Tone } | Ranged;
type Ranged = { text: string; low: number; mid: number; high: number; axis: Axis };
/** What the intervals of a column are drawn on. `marked`: where what they are compared with stands. */
export type Axis = { min: number; max: number; marked: number | null };

/** Curves over one axis of time. */
export type Timeline = {
  kind: "timeline";
  fromMs: number;
  untilMs: number;
  /** The moment of each value of each line, ascending. */
  times: readonly number[];
  panels: Panel[];
  marks: Mark[];
};

/** What the values of a panel are: grades and evidence are plain numbers. */
export type Unit = "number" | "seconds" | "share";
/** `n`: what it rests on; `null`: not counted. */
export type Value = { y: number; low: number | null; high: number | null; n: number | null };
/** `null` is a gap: nothing is known of that moment, which is never a 0. */
export type Line = { name: string; values: readonly (Value | null)[] };

export type Panel = {
  title: string;
  /** What the vertical axis means, in words. */
  explains: string;
  unit: Unit;
  /** What is outside is drawn at the edge. */
  yMin: number;
  yMax: number;
  ticks: readonly { y: number; label: string }[];
  lines: readonly Line[];
  /** Horizontal: what a line is compared with. */
  levels: readonly { y: number; label: string; strong: boolean }[];
  /** Horizontal: between which values nobody calls a change a fault. */
  band: { low: number; high: number } | null;
};

/** Something that happened. `at`: epoch milliseconds. */
export type Mark = { atMs: number; kind: "alarm" | "finding" | "action"; text: string };

/** Shares of the same bins, side by side: the baseline's (`null`: there is none) and each variant's. */
export type Distribution = {
  kind: "distribution";
  caption: string;
  bins: string[];
  baseline: number[] | null;
  /** `n`: answers that it is of. */
  variants: { name: string; shares: number[]; n: number }[];
};

/** `text`: `null` where this report may not, or cannot, read it. Redacted. */
export type ShownExample = {
  /** What is said of it in a line: its grade, its variant. */
  about: string;
  /** Where its text stands. */
  where: string;
  text: { question: string; answer: string } | null;
};
