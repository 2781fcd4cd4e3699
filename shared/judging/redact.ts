/**
 * Replaces what looks like personal data or a secret by a word in brackets, so that the judge's provider never reads it: private
 * keys, tokens and passwords, e-mail addresses, payment cards, phone numbers. Better a number too many than one too few; an order
 * number without separators stays.
 *
 * Captured text is hostile, so every pattern is linear in its length: a run of characters is either tried from its beginning only
 * (the look-behinds) or has a bounded length.
 */
export function redact(text: string): string {
  return patterns.reduce((rest, { found, by }) => rest.replace(found, by), text);
}

type Pattern = { found: RegExp; by: (match: string, ...groups: string[]) => string };

const patterns: Pattern[] = [
  {
    found: /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
    by: () => "[secret]",
  },
  // Prefixes by which providers mark their keys: AWS, OpenAI and others, GitHub, GitLab, Slack, Google, Stripe, Hugging Face.
  { found: /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])/g, by: () => "[secret]" },
  {
    found: /(?<![\w-])(?:sk-|[sr]k_live_|gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|AIza|hf_)[\w-]{16,}/g,
    by: () => "[secret]",
  },
  { found: /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, by: () => "[secret]" }, // a JSON web token
  { found: /(?<!\w)(bearer|basic) [\w.~+/-]{12,}={0,2}/gi, by: (_, scheme) => `${scheme} [secret]` },
  {
    found:
      /(?<![a-z])(pass(?:word|wd|phrase)|secret(?:[_ -]?access)?(?:[_ -]?key)?|api[_ -]?key|access[_ -]?token|auth[_ -]?token)("?\s{0,3}(?:[:=]|\bis\b)\s{0,3})"?[^\s"',;]{4,}"?/gi,
    by: (_, label, link) => `${label}${link}[secret]`,
  },
  { found: /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu, by: () => "[e-mail]" },
  {
    found: /(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g,
    by: (digits) => (hasCardChecksum(digits) ? "[card]" : digits),
  },
  { found: /(?<![\w+])(?:\+|00)[ (]{0,2}[1-9](?:[ ()./-]{0,2}\d){6,13}(?!\d)/g, by: () => "[phone]" }, // +49 (0)30 1234567
  { found: /(?<![\w.,-])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\w-])/g, by: () => "[phone]" }, // (555) 010-9999
  {
    found: /(?<![\w.,/-])\(?0\d{1,5}\)?[ /-]{1,3}\d{2,8}(?:[ -]\d{2,6}){0,4}(?![\w:-])/g, // 030 / 123 45 67
    by: (number) => (number.replaceAll(/\D/g, "").length >= 9 ? "[phone]" : number),
  },
];

/** Luhn's check of ISO/IEC 7812: an order number passes it one time in ten. */
function hasCardChecksum(text: string): boolean {
  const sum = [...text.replaceAll(/\D/g, "")].reverse().reduce((total, digit, i) => {
    const weighted = i % 2 === 0 ? Number(digit) : Number(digit) * 2;
    return total + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);
  return sum % 10 === 0;
}
