// What goes wrong with files and the storage that they lie on. Rule: true only where there was something to strike.

import { CHUNK_BYTES } from "../../engine/src/format/ladder.ts";
import { filesOf, makeContent } from "./file-moves.ts";
import { ROOT, ROOT_AWAY, type Stage } from "./stage.ts";

export function failSomething(
  stage: Stage,
  at: number,
  amount: number,
  failure: "io" | "permission" | "vanished",
): boolean {
  if (stage.history.rootIsAway) return false;
  const paths = [...stage.history.present.keys()].sort();
  const path = paths[at % Math.max(1, paths.length)];
  if (path === undefined) return false;
  // A file that opens nowhere and is listed all the same: only for a while, or a backup could never end well.
  const times = failure === "vanished" || amount % 2 === 0 ? 1 + (amount % 5) : undefined;
  // Half of them strike files that are listed as ever, and cannot be opened.
  stage.tree.faults.fail(`${ROOT}/${path}`, failure, times, at % 2 === 0);
  // Seen in the folder above and not to be had: no listing says that it is gone.
  if (failure === "vanished") stage.hidden.add(path);
  return true;
}

export function changeWhileRead(stage: Stage, file: string | null, amount: number): boolean {
  if (file === null) return false;
  const { tree } = stage;
  const number = stage.drawContent();
  const change = (): void => {
    if (!filesOf(stage).includes(file)) return;
    if (amount % 3 === 0) tree.replace(file, makeContent(300 + amount, number));
    else if (amount % 3 === 1) tree.append(file, `more ${number}`);
    else tree.write(file, makeContent(tree.bytesAt(file).length, number));
  };
  tree.faults.whileRead(file, change, 1 + (amount % 2));
  return true;
}

export function changeSilently(stage: Stage, file: string | null): boolean {
  if (file === null) return false;
  const { length } = stage.tree.bytesAt(file);
  if (length === 0 || length > CHUNK_BYTES) return false;
  stage.tree.alterSilently(file, makeContent(length, stage.drawContent()));
  stage.history.look();
  stage.silent.add(file);
  return true;
}

/** Other bytes of the same size, with the modification time put back: only the change time tells. */
export function changeKeepingTimes(stage: Stage, file: string | null): boolean {
  if (file === null) return false;
  const { tree } = stage;
  const { length } = tree.bytesAt(file);
  const { mtimeUs } = tree.at(file);
  if (length === 0 || length > CHUNK_BYTES) return false;
  tree.write(file, makeContent(length, stage.drawContent()));
  tree.touch(file, mtimeUs);
  stage.silent.delete(file);
  return true;
}

/** The storage is taken out, or an empty folder stands where it was; the next time it is put back. */
export function moveRoot(stage: Stage, leavesEmpty: boolean): boolean {
  const { tree, history } = stage;
  if (history.rootIsAway) {
    if (tree.find(ROOT).kind === "found") tree.remove(ROOT);
    tree.rename(ROOT_AWAY, ROOT);
    history.rootIsAway = false;
    history.look();
    return true;
  }
  history.rootIsAway = true;
  tree.rename(ROOT, ROOT_AWAY);
  if (leavesEmpty) tree.addFolder(ROOT);
  return true;
}
