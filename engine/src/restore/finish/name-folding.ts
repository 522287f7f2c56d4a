// Which names a file system may take for one: those that ignore case, and those that decompose letters. Rule: two names
// that such a file system takes for one fold to the same text; a few that it tells apart do so too.
//
// Script engines need not have `normalize`, so a letter with a mark is left out in both of its forms, composed and
// decomposed. What remains of a name tells most names apart, and a number is no harm where it does not.

/** A letter of an alphabet and the accents behind it. */
const ACCENTED = /.[\u0300-\u036f]+/gsu;
/** Composed letters of Latin, Greek and Cyrillic; the ranges hold some that have no other form. */
const COMPOSED =
  /[`\u00b4\u00c0-\u024f\u0386-\u0390\u03aa-\u03b0\u03ca-\u03d4\u0439\u0450\u0451\u0453\u0457\u045c-\u045e\u0477\u04c1-\u04f9\u1e00-\u1fff]/gu;
/** Marks of kana, and the kana of which some carry such a mark in their composed form. */
const KANA_MARKS = /[\u3099\u309a]/gu;
const KANA = /[\u3046\u304b-\u3069\u306f-\u307d\u3094\u309d\u309e\u30a6\u30ab-\u30c9\u30cf-\u30dd\u30ef-\u30fe]/gu;

const HANGUL = /[\uac00-\ud7a3]/gu;
const HANGUL_FIRST = 0xac00;
const LEADS_FROM = 0x1100;
const VOWELS_FROM = 0x1161;
const TAILS_FROM = 0x11a7;
const VOWELS = 21;
const TAILS = 28;

/** The text that is the same for all names that some file system takes for one. */
export function foldName(name: string): string {
  // There and back, since some small letters (ſ, ß, ς) share their capital with others.
  return name
    .toUpperCase()
    .toLowerCase()
    .replace(KANA_MARKS, "")
    .replace(KANA, "\u304b")
    .replace(ACCENTED, "")
    .replace(COMPOSED, "")
    .replace(HANGUL, decomposeHangul);
}

/** A syllable as its letters (Unicode 3.12). */
function decomposeHangul(syllable: string): string {
  const index = syllable.charCodeAt(0) - HANGUL_FIRST;
  const tail = index % TAILS;
  const vowel = Math.floor(index / TAILS) % VOWELS;
  const lead = Math.floor(index / TAILS / VOWELS);
  const letters = [LEADS_FROM + lead, VOWELS_FROM + vowel];
  return String.fromCharCode(...letters, ...(tail === 0 ? [] : [TAILS_FROM + tail]));
}
