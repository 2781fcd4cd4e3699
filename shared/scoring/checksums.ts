/** Luhn's check of ISO/IEC 7812, which payment cards carry: a number that is none passes it one time in ten. */
export function hasCardChecksum(text: string): boolean {
  let sum = 0;
  let doubled = false;
  for (let i = text.length - 1; i >= 0; i--) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) continue;
    const weighted = doubled ? 2 * digit : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
    doubled = !doubled;
  }
  return sum % 10 === 0;
}

/** The check of ISO 13616 (remainder 1 modulo 97, letters as 10 to 35), which every IBAN passes and one other in 97. */
export function hasIbanChecksum(text: string): boolean {
  const compact = text.replaceAll(" ", "");
  let rest = 0;
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** Spain's DNI and NIE: the letter at the end is the number modulo 23. Source: Orden INT/2058/2008; X, Y, Z stand for 0, 1, 2. */
export function hasDniLetter(text: string): boolean {
  const compact = text.toUpperCase().replaceAll(/[ -]/g, "");
  const number = Number(compact.slice(0, -1).replace(/^[XYZ]/, (letter) => String("XYZ".indexOf(letter))));
  return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] === compact.at(-1);
}

/** France's NIR: the last two digits are 97 minus the rest modulo 97; the departments of Corsica, 2A and 2B, count as 19 and 18. */
export function hasNirKey(text: string): boolean {
  const compact = text.replaceAll(" ", "").toUpperCase().replace("2A", "19").replace("2B", "18");
  return 97 - Number(BigInt(compact.slice(0, 13)) % 97n) === Number(compact.slice(13));
}

/** Brazil's CPF: two check digits, each a weighted sum modulo 11; eleven equal digits pass and are none. */
export function hasCpfDigits(text: string): boolean {
  const digits = [...text.replaceAll(/\D/g, "")].map(Number);
  const check = (length: number) =>
    ((digits.slice(0, length).reduce((sum, digit, i) => sum + digit * (length + 1 - i), 0) * 10) % 11) % 10;
  return new Set(digits).size > 1 && check(9) === digits[9] && check(10) === digits[10];
}

/** China's resident number: the last character is a weighted sum modulo 11 (GB 11643, ISO 7064 MOD 11-2). */
export function hasResidentCheck(text: string): boolean {
  const sum = [...text.slice(0, 17)].reduce((total, digit, i) => total + Number(digit) * (2 ** (17 - i) % 11), 0);
  return "10X98765432"[sum % 11] === text.at(-1)!.toUpperCase();
}
