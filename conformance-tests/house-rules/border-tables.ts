// The tables of docs/host-api.md, made from the types of engine/src/border. Rule: the types are the source; a table stands on
// the page behind its mark, `<!-- fields: Scan -->`, and `npm run border-tables` writes it again.

/** A field of an object on the border. */
interface Field {
  readonly name: string;
  readonly isOptional: boolean;
  readonly type: string;
  readonly meaning: string;
  /** Unit and limits of a number, kind of a text; '' where nothing says one. */
  readonly unit: string;
}

interface Shape {
  readonly name: string;
  readonly base: string | null;
  readonly kind: string | null;
  readonly meaning: string;
  readonly fields: readonly Field[];
}

/** The interfaces and the aliases of the border, by name. */
export interface Border {
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly aliases: ReadonlyMap<string, string>;
}

/** What has a table of its own is named by a link, and not told again. */
const OWN_TABLES: ReadonlyMap<string, string> = new Map([
  ["ServerAddress", "[server](#servers)"],
  ["Stat", "[stat](#names-paths-locators)"],
  ["Response", "[response](#responses)"],
  ["NoAnswer", "[no-answer](#responses)"],
  ["Ask", "[ask](#4-what-a-user-can-ask)"],
  ["Answer", "[answer](#3-effects)"],
]);

const SHAPE = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?export interface (\w+)(?: extends (\w+))? \{\n([\s\S]*?)\}\n/g;
const FIELD = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?readonly "?([\w-]+)"?(\??):\s*([^;]*);/g;
const ALIAS = /export type (\w+) =\s*([^;]*);/g;

/** Reads the sources of the border: flat interfaces and unions, as `effects.ts` promises. */
export function readBorder(sources: readonly string[]): Border {
  const text = sources.join("\n");
  const aliases = new Map([...text.matchAll(ALIAS)].map(([, name = "", type = ""]) => [name, oneLine(type)]));
  const shapes = new Map<string, Shape>();
  for (const [, comment = "", name = "", base, body = ""] of text.matchAll(SHAPE)) {
    const fields = [...body.matchAll(FIELD)].map(([, told = "", field = "", mark, type = ""]): Field => {
      const [meaning = "", unit = ""] = plain(told).split(/\s*@unit\s+/);
      return { name: field, isOptional: mark === "?", type: oneLine(type), meaning, unit };
    });
    const kind = /^"([\w-]+)"$/.exec(fields.find((field) => field.name === "kind")?.type ?? "")?.[1] ?? null;
    const others = kind === null ? fields : fields.filter((field) => field.name !== "kind");
    shapes.set(name, { name, base: base ?? null, kind, meaning: plain(comment), fields: others });
  }
  return { shapes, aliases };
}

/** Fields that have no docstring, and numbers and texts that have no unit: one line for each. */
export function findUndescribed({ shapes }: Border): readonly string[] {
  return [...shapes.values()].flatMap(({ name, meaning, fields }) => [
    ...(meaning === "" ? [`${name} has no docstring`] : []),
    ...fields.flatMap((field) => {
      const bare = field.type.replace(/"[^"]*"/g, "");
      const isBare = /\b(?:string|number|unknown)\b/.test(bare) && field.unit === "";
      if (name !== "Answers" && field.meaning === "") return [`${name}.${field.name} has no docstring`];
      return isBare ? [`${name}.${field.name} has no unit`] : [];
    }),
  ]);
}

/** The page with each table as the types have it now. */
export function fillTables(page: string, border: Border): string {
  return page.replace(/(<!-- (fields|kinds): ([\w-]+) -->\n)(?:\|.*\n)*/g, (_all, mark, what, name) =>
    what === "fields" ? `${mark}${table(rowsOfShape(border, name, ""))}` : `${mark}${kindsTable(border, name)}`,
  );
}

/** The kinds of a union, or of the answers to one kind of effect. */
function kindsTable(border: Border, name: string): string {
  const answers = border.shapes.get("Answers")?.fields.find((field) => field.name === name);
  const names = namesIn(border, border.aliases.get(name) ?? answers?.type ?? name);
  return table(rowsOfUnion(border, names, "", answers === undefined ? new Map() : OWN_TABLES));
}

function table(rows: readonly string[]): string {
  return ["| field | type | unit, limits | meaning |", "|---|---|---|---|", ...rows, ""].join("\n");
}

function rowsOfUnion(border: Border, names: readonly string[], prefix: string, linked = OWN_TABLES): string[] {
  return names.flatMap((name) => {
    const shape = shapeNamed(border, name);
    const base = OWN_TABLES.get(shape.base ?? "");
    const link = linked.get(name);
    const kind = shape.kind ?? border.shapes.get(shape.base ?? "")?.kind ?? null;
    const label = kind === null ? `*${words(name)}*` : `**\`${kind}\`**`;
    const told = link ?? (base === undefined ? shape.meaning : `${shape.meaning} All of a ${base}, and:`);
    const head = row(prefix === "" ? label : `\`${prefix}\` ${label}`, "", "", told);
    return link === undefined ? [head, ...rowsOfShape(border, name, prefix)] : [head];
  });
}

function rowsOfShape(border: Border, name: string, prefix: string): string[] {
  const { base, fields } = shapeNamed(border, name);
  const inherited = base === null || OWN_TABLES.has(base) ? [] : rowsOfShape(border, base, prefix);
  const own = fields.flatMap((field) => {
    const path = prefix === "" ? field.name : `${prefix}.${field.name}`;
    const told = row(
      `\`${path}\`${field.isOptional ? "?" : ""}`,
      typeText(border, field.type),
      field.unit,
      field.meaning,
    );
    const names = namesIn(border, field.type).filter((inner) => !OWN_TABLES.has(inner));
    const below = field.type.includes("[]") ? `${path}[]` : path;
    const [only] = names;
    if (only === undefined) return [told];
    return [told, ...(names.length === 1 ? rowsOfShape(border, only, below) : rowsOfUnion(border, names, below))];
  });
  return [...inherited, ...own];
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "∣")).join(" | ")} |`;
}

/** The interfaces that a type names, through aliases, in order. */
function namesIn(border: Border, type: string): string[] {
  return (type.match(/\b[A-Z]\w*/g) ?? []).flatMap((name) => {
    const alias = border.aliases.get(name);
    if (alias !== undefined && !OWN_TABLES.has(name)) return namesIn(border, alias);
    return border.shapes.has(name) || OWN_TABLES.has(name) ? [name] : [];
  });
}

function typeText(border: Border, type: string): string {
  const alternatives = splitUnion(border, type);
  const [bare = ""] = alternatives;
  if (alternatives.length > 1) {
    const texts = alternatives.map((one) => typeText(border, one));
    return `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
  }
  if (bare.startsWith('"')) return `\`${bare.slice(1, -1)}\``;
  if (bare.endsWith("[]")) return `list of ${typeText(border, bare.slice(0, -2).replace(/^\((.*)\)$/, "$1"))}`;
  if (bare.startsWith("[")) return "pair of numbers";
  const plainNames: Readonly<Record<string, string>> = { string: "text", unknown: "JSON", "Partial<Policy>": "policy" };
  return OWN_TABLES.get(bare) ?? plainNames[bare] ?? (/^[A-Z]/.test(bare) ? words(bare) : bare);
}

/** A union's members, and those of the unions in it; bars inside brackets are not its own. */
function splitUnion(border: Border, type: string): string[] {
  const members = [""];
  let depth = 0;
  for (const character of type.replace(/^\| /, "")) {
    if ("([{<".includes(character)) depth += 1;
    if (")]}>".includes(character)) depth -= 1;
    if (character === "|" && depth === 0) members.push("");
    else members.push(`${members.pop() ?? ""}${character}`);
  }
  return members.flatMap((member) => {
    const bare = member.trim().replace(/^readonly /, "");
    const alias = border.aliases.get(bare);
    return alias === undefined || OWN_TABLES.has(bare) ? [bare] : splitUnion(border, alias);
  });
}

function shapeNamed({ shapes }: Border, name: string): Shape {
  const shape = shapes.get(name);
  if (shape === undefined) throw new Error(`the border has no interface ${name}`);
  return shape;
}

/** `FilePart` as `file part`. */
function words(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, " ").toLowerCase();
}

function plain(comment: string): string {
  return oneLine(comment.replace(/^\s*\* ?/gm, ""));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
