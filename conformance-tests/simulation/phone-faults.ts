// What goes wrong with the Store and the process of a phone. Rule: true only where there was something to strike.

import type { CrashPoint } from "../scripted-host/crash-point.ts";
import type { Stage } from "./stage.ts";

export function failStore(stage: Stage, amount: number, failure: "io" | "full"): boolean {
  let calls = amount % 60;
  let times = 1 + (amount % 2);
  stage.store.faultOf = () => {
    if (calls-- > 0 || times <= 0) return null;
    times--;
    return failure;
  };
  return true;
}

export function wipe(stage: Stage): void {
  stage.kill();
  const { link } = stage.host.ground;
  stage.wentBack = true;
  stage.conditions.allowEverything();
  // Pairing is the owner's own doing, with the network as it should be.
  const { faultOf, up } = link;
  Object.assign(link, { faultOf: () => null, up: true });
  const { refuse } = stage.world.server;
  Object.assign(stage.world.server, { refuse: () => null });
  const { faultOf: storeFault } = stage.store;
  stage.store.faultOf = () => null;
  stage.stepsToLimit = null;
  stage.host.crashAt(null);
  stage.joinAnew();
  Object.assign(link, { faultOf, up });
  Object.assign(stage.world.server, { refuse });
  stage.store.faultOf = storeFault;
}

/** The phone was cloned: the copy backs up once, from the same files. */
export function runClone(stage: Stage): boolean {
  const { world, host, sealed } = stage;
  const clone = world.addHost({
    makeEngine: stage.makeEngine,
    tree: host.ground.tree,
    slots: host.ground.slots.clone(),
    plane: sealed.listen(host.ground.plane),
    onFault: "recover",
  });
  stage.connect(clone);
  clone.store.restore(stage.store.snapshot());
  stage.phoneWentBack();
  clone.start();
  clone.ask({ kind: "backup", mode: "once" });
  clone.runFor(60_000);
  clone.stop();
  return true;
}

export function kill(stage: Stage, at: number, amount: number): boolean {
  const ahead = amount % 25;
  const { host } = stage;
  const points: CrashPoint[] = [
    { kind: "before-commit", step: host.steps + ahead },
    { kind: "after-commit", step: host.steps + ahead },
    { kind: "after-effect", effect: host.effectsDone + ahead },
  ];
  if (at % 4 === 3) stage.kill();
  else host.crashAt(points[at % 4] as CrashPoint);
  return true;
}
