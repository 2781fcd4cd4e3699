import { hasCardChecksum, hasCpfDigits, hasDniLetter, hasIbanChecksum, hasNirKey, hasResidentCheck } from "./checksums.ts";
import { Phrases } from "./phrases.ts";
import type { Text } from "./text.ts";

/**
 * What personal data and secrets look like, in one place for those who count them and those who take them out.
 *
 * Captured text is hostile, so every pattern is linear in its length: a run of characters is either tried from its beginning only
 * (the look-behinds) or has a bounded length. A test proves it for each.
 */
export type Sensitive = {
  kind: "personal" | "secret";
  found: RegExp;
  /** Cheap, and false only where nothing can be found: most texts are done with it. */
  mayBeIn(text: Text): boolean;
  /** What stands in its place when it is taken out; the match itself where it is none after all. Better one too many. */
  by(match: string, ...groups: string[]): string;
  /** Whether it counts as a finding. Stricter: a reader of a share is misled by every false one. Without it, all that `by` replaces. */
  counts?(match: string): boolean;
};

const holdsAny = (text: string, marks: readonly string[]) => marks.some((mark) => text.includes(mark));
const has =
  (...marks: string[]) =>
  ({ raw }: Text) =>
    holdsAny(raw, marks);
// The engine looks for a mark by its first letter, so a mark begins with its rarest one where that loses little.
const plainMarks = ["k-", "glpat-", "xox", "AIza"];
const underscored = ["k_live_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "hf_"];
/** The first words of what passwords and keys are called. */
const labels = new Phrases(() =>
  [
    "password passwd passphrase secret secretkey secretaccesskey api apikey access accesstoken auth authtoken",
    "passwort kennwort wachtwoord contraseña contrasena clave mot senha parola lösenord losenord hasło haslo heslo şifre sifre",
    "пароль 密码 密碼 パスワード 비밀번호 비밀번호는",
  ].flatMap((words) => words.split(" ")),
);
const hasDigits = (least: number) => (text: Text) => text.words.digits >= least;
const when = (isIt: (match: string) => boolean, label: string) => (match: string) => (isIt(match) ? label : match);
/** Documentation shows AWS keys that end so, and words in place of a value. */
const isPlaceholder = (match: string) => /EXAMPLE|example|xxxx|XXXX|\.\.\.|\*\*\*|your|YOUR/.test(match);
const isReal = (match: string) => !isPlaceholder(match);
const digitsIn = (match: string) => match.replaceAll(/\D/g, "").length;
/** RFC 2606: names that belong to nobody. */
const belongsToNobody = (address: string) =>
  /@(?:[\w-]+\.)?(?:example\.(?:com|net|org)|[\w-]+\.(?:example|test|invalid))$/i.test(address);

export const sensitive: readonly Sensitive[] = [
  {
    kind: "secret",
    found: /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
    mayBeIn: has("PRIVATE KEY-----"),
    by: () => "[secret]",
    counts: (match) => match.length > 100 && isReal(match),
  },
  // Prefixes by which providers mark their keys: AWS, OpenAI and others, GitHub, GitLab, Slack, Google, Stripe, Hugging Face.
  {
    kind: "secret",
    found: /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])/g,
    mayBeIn: has("AKIA", "ASIA"),
    by: () => "[secret]",
    counts: isReal,
  },
  {
    kind: "secret",
    found: /(?<![\w-])(?:sk-|[sr]k_live_|gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|AIza|hf_)[\w-]{16,}/g,
    mayBeIn: ({ raw }) => holdsAny(raw, plainMarks) || (raw.includes("_") && holdsAny(raw, underscored)),
    by: () => "[secret]",
    // "sk-" begins words with hyphens, too.
    counts: (match) => /\d/.test(match) && isReal(match),
  },
  {
    kind: "secret", // a JSON web token
    found: /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
    mayBeIn: has("yJ"),
    by: () => "[secret]",
  },
  {
    kind: "secret",
    found: /(?<!\w)(bearer|basic) [\w.~+/-]{12,}={0,2}/gi,
    mayBeIn: ({ lower }) => holdsAny(lower, ["bearer ", "basic "]),
    by: (_, scheme) => `${scheme} [secret]`,
    // "Basic troubleshooting" is two words; a token has digits among its letters.
    counts: (match) => looksRandom(match.slice(match.indexOf(" ") + 1)) && isReal(match),
  },
  {
    kind: "secret",
    found:
      /(?<![a-z])(pass(?:word|wd|phrase|wort)|secret(?:[_ -]?access)?(?:[_ -]?key)?|api[_ -]?key|access[_ -]?token|auth[_ -]?token|kennwort|wachtwoord|contrase[ñn]a|clave|mot de passe|senha|parola|l[öo]senord|has[łl]o|heslo|[şs]ifre|пароль|密[码碼]|パスワード|비밀번호는?)("?\s{0,3}(?:[:=：]|\s(?:is|ist|lautet|es|est|é|è|är|to|je)\s|[是为為は])\s{0,3})"?[^\s"',;]{4,}"?/gi,
    mayBeIn: (text) => labels.isIn(text),
    by: (_, label, link) => `${label}${link}[secret]`,
    // "The password is required" says none.
    counts: (match) => looksRandom(valueIn(match)) && isReal(match),
  },
  {
    kind: "personal",
    found: /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu,
    mayBeIn: has("@"),
    by: () => "[e-mail]",
    counts: (match) => !belongsToNobody(match),
  },
  {
    kind: "personal",
    found: /(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Z0-9])/g,
    mayBeIn: hasDigits(8),
    by: when(hasIbanChecksum, "[iban]"),
  },
  {
    kind: "personal", // France's NIR, before cards: it has as many digits as some
    found: /(?<!\d)[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\d)/g,
    mayBeIn: hasDigits(14),
    by: when(hasNirKey, "[id]"),
  },
  {
    kind: "personal", // China's resident number
    found: /(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)/g,
    mayBeIn: hasDigits(17),
    by: when(hasResidentCheck, "[id]"),
  },
  {
    kind: "personal",
    found: /(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g,
    mayBeIn: hasDigits(13),
    by: when(hasCardChecksum, "[card]"),
    // Payment cards begin with these (ISO/IEC 7812); a run of zeros passes Luhn and is none.
    counts: (match) => hasCardChecksum(match) && /^[2-6]/.test(match) && digitsIn(match) <= 19,
  },
  {
    kind: "personal", // Brazil's CPF
    found: /(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)/g,
    mayBeIn: hasDigits(11),
    by: when(hasCpfDigits, "[id]"),
  },
  {
    kind: "personal", // social security number of the United States; the areas 000, 666 and 9xx are not given out
    found: /(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])/g,
    mayBeIn: hasDigits(9),
    by: () => "[id]",
  },
  {
    kind: "personal", // Spain's DNI and NIE
    found: /(?<![A-Za-z0-9])(?:\d{8}|[XYZ]-?\d{7})[ -]?[A-Z](?![A-Za-z0-9])/g,
    mayBeIn: hasDigits(7),
    by: when(hasDniLetter, "[id]"),
  },
  {
    kind: "personal", // the United Kingdom's national insurance number
    found: /(?<![A-Z0-9])[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![A-Z0-9])/g,
    mayBeIn: hasDigits(6),
    by: () => "[id]",
  },
  {
    kind: "personal", // Italy's codice fiscale
    found: /(?<![A-Z0-9])[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z](?![A-Z0-9])/g,
    mayBeIn: hasDigits(7),
    by: () => "[id]",
  },
  {
    kind: "personal",
    found: /(?<![\w+])(?:\+|00)[ (]{0,2}[1-9](?:[ ()./-]{0,2}\d){6,13}(?!\d)/g, // +49 (0)30 1234567
    mayBeIn: hasDigits(7),
    by: () => "[phone]",
  },
  {
    kind: "personal",
    found: /(?<![\w.,-])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\w-])/g, // (555) 010-9999
    mayBeIn: hasDigits(10),
    by: () => "[phone]",
  },
  {
    kind: "personal",
    found: /(?<![\w.,/-])\(?0\d{1,5}\)?[ /-]{1,3}\d{2,8}(?:[ -]\d{2,6}){0,4}(?![\w:-])/g, // 030 / 123 45 67
    mayBeIn: hasDigits(9),
    by: (number) => (digitsIn(number) >= 9 ? "[phone]" : number),
  },
];

/** What stands behind the last sign between a label and its value: `hunter22` of `password: "hunter22"`. */
function valueIn(match: string): string {
  const value = match.endsWith('"') ? match.slice(0, -1) : match;
  return value.slice(1 + Math.max(...[" ", "\t", "\n", '"', "'", ":", "：", "="].map((sign) => value.lastIndexOf(sign))));
}

/** Digits among letters, as generated values and good passwords have them, and words do not. */
function looksRandom(value: string): boolean {
  return value.length >= 6 && /\d/.test(value) && /[A-Za-z]/.test(value);
}

/** Whether anything of that kind is in the text. */
export function holds(kind: Sensitive["kind"], text: Text): boolean {
  return sensitive.some((one) => one.kind === kind && one.mayBeIn(text) && isFound(one, text.raw));
}

function isFound({ found, by, counts = (match) => by(match) !== match }: Sensitive, text: string): boolean {
  for (const [match] of text.matchAll(found)) if (counts(match)) return true;
  return false;
}
