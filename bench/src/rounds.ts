// Rounds of one input: every contender in each round, one after the other, the order turned round each time. Rule: what is said of
// a course is the median of its rounds, so that one round beside somebody else's work decides nothing.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { removeScratchFolder } from "../../conformance-tests/end-to-end/scratch-folder.ts";
import { compareTrees, pictureTree } from "../../conformance-tests/end-to-end/tree-picture.ts";
import { CoffreContender } from "./coffre-contender.ts";
import { COURSES, type Contender, type Course, type Figures, type Flushes } from "./contender.ts";
import { FlushCounter } from "./flush-counter.ts";
import type { Input } from "./inputs.ts";
import { Sentence } from "./sentence.ts";

export type CourseResult = {
  readonly input: string;
  readonly contender: string;
  readonly course: Course;
  readonly files: number;
  readonly bytes: number;
  /** The median of each figure. */
  readonly median: Figures;
  readonly rounds: readonly Figures[];
};

type Setup = {
  readonly folder: string;
  readonly name: string;
  readonly input: Input;
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  readonly courses: readonly Course[];
  readonly tell: (line: string) => void;
};

/** Runs all rounds; a Sentence when a contender gives back other files than it was given. */
export async function runRounds({
  folder,
  name,
  input,
  contenders,
  rounds,
  courses,
  tell,
}: Setup): Promise<CourseResult[]> {
  const all = new Map<string, Figures[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of round % 2 === 0 ? contenders : [...contenders].reverse()) {
      const place = join(folder, contender.name.replaceAll(/\W+/g, "-"));
      mkdirSync(place);
      await contender.begin(place, input);
      for (const course of courses) {
        const figures = await runCourse(contender, course, place, input, round === 0);
        all.set(`${contender.name} ${course}`, [...(all.get(`${contender.name} ${course}`) ?? []), figures]);
        tell(`  round ${round + 1}, ${name}, ${contender.name}, ${course}: ${figures.seconds.toFixed(2)} s`);
      }
      await contender.end();
      removeScratchFolder(place);
    }
  }
  return COURSES.filter((course) => courses.includes(course)).flatMap((course) =>
    contenders.map((contender) => {
      const figures = all.get(`${contender.name} ${course}`) ?? [];
      const { files, bytes } = input;
      return {
        input: name,
        contender: contender.name,
        course,
        files,
        bytes,
        median: medianOf(figures),
        rounds: figures,
      };
    }),
  );
}

async function runCourse(
  contender: Contender,
  course: Course,
  place: string,
  input: Input,
  isCompared: boolean,
): Promise<Figures> {
  switch (course) {
    case "backup":
      return await contender.backUp();
    case "rescan":
      return await contender.rescan();
    case "restore": {
      const target = join(place, "restored");
      const figures = await contender.restore(target);
      if (isCompared) {
        const restored = pictureTree(contender.restoredFolder(target));
        const [first] = compareTrees(pictureTree(input.folder), restored);
        if (first !== undefined)
          throw new Sentence(`${contender.name} restored something else: ${JSON.stringify(first)}`);
      }
      return figures;
    }
  }
}

/** Coffre once more, traced: how often client and server flush in each course. The server's are those of the whole round. */
export async function countFlushes(
  folder: string,
  input: Input,
  courses: readonly Course[],
): Promise<Record<string, Flushes>> {
  mkdirSync(folder, { recursive: true });
  const server = new FlushCounter(folder, "server");
  let client = new FlushCounter(folder, "init");
  const contender = new CoffreContender("traced", {
    beforeServer: server.before,
    beforeClient: () => client.before,
  });
  const counts: Record<string, Flushes> = {};
  await contender.begin(folder, input);
  for (const course of COURSES.filter((each) => courses.includes(each))) {
    client = new FlushCounter(folder, course);
    await runCourse(contender, course, folder, input, false);
    counts[course] = { client: await client.read(), server: null };
  }
  await contender.end();
  counts["all"] = { client: null, server: await server.read() };
  removeScratchFolder(folder);
  return counts;
}

/** The median of each figure by itself; null where a round has none. */
function medianOf(rounds: readonly Figures[]): Figures {
  const of = (pick: (figures: Figures) => number | null): number | null => {
    const values = rounds.map(pick).filter((value) => value !== null);
    return values.length === 0 ? null : median(values);
  };
  return {
    seconds: of(({ seconds }) => seconds) ?? 0,
    clientCpuS: of(({ clientCpuS }) => clientCpuS) ?? 0,
    clientPeakBytes: of(({ clientPeakBytes }) => clientPeakBytes),
    serverCpuS: of(({ serverCpuS }) => serverCpuS),
    serverPeakBytes: of(({ serverPeakBytes }) => serverPeakBytes),
    requests: of(({ requests }) => requests),
    storedBytes: of(({ storedBytes }) => storedBytes),
  };
}

/** The middle of some numbers, of an even count the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The exponent by which `y` grows with `x`: the slope of the best line through their logarithms. */
export function exponentOf(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (pick: 0 | 1): number => logs.reduce((sum, point) => sum + point[pick], 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const above = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return above / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
