// The devices of the vault, and how far each is. Rule: what is shown was verified by the engine.

import type { DeviceProgress } from "coffre-engine";
import { useEffect, useState } from "react";
import { DeviceIcon } from "../pieces/icons.tsx";
import { useSession } from "../session/session-context.tsx";
import { showName, useWords } from "../words/language.tsx";

export function DevicesScreen() {
  const session = useSession();
  const { say } = useWords();
  const [devices, setDevices] = useState<readonly DeviceProgress[]>([]);
  useEffect(() => {
    let isWanted = true;
    session.listDevices().then(
      (found) => isWanted && setDevices(found),
      () => {},
    );
    return () => {
      isWanted = false;
    };
  }, [session]);
  return (
    <div className="space-y-5">
      <div>
        <h1 className="text-base font-semibold">{say("app.devices")}</h1>
        <p className="max-w-prose text-sm text-soft">{say("devices.explain")}</p>
      </div>
      <ul className="grid gap-3 sm:grid-cols-2">
        {devices.map((device) => (
          <DeviceCard key={device.device} device={device} />
        ))}
      </ul>
    </div>
  );
}

function DeviceCard({ device }: { readonly device: DeviceProgress }) {
  const { say, sayTime, sayDate, saySize } = useWords();
  const { name, createdAtMs, revokedAfter, records, lastRecordAtMs, lastSeenAtMs, storedBytes } = device;
  return (
    <li className="space-y-3 rounded-2xl border border-line bg-card p-5">
      <p className="flex items-center gap-3 font-medium">
        <span className="text-accent">
          <DeviceIcon />
        </span>
        <bdi className="min-w-0 flex-1 truncate">{showName(name)}</bdi>
        {revokedAfter !== null && (
          <span className="rounded-full bg-bad-tint px-2.5 py-0.5 text-sm text-bad">{say("devices.revoked")}</span>
        )}
      </p>
      <div className="space-y-0.5 text-sm text-soft">
        <p>{lastRecordAtMs === null ? say("devices.never") : say("devices.last", { time: sayTime(lastRecordAtMs) })}</p>
        {records > 0 && <p>{say("devices.records", { record: records })}</p>}
        {lastSeenAtMs !== null && <p>{say("devices.seen", { time: sayTime(lastSeenAtMs) })}</p>}
        {storedBytes !== null && <p>{say("devices.stored", { size: saySize(storedBytes) })}</p>}
        <p>{say("devices.since", { time: sayDate(createdAtMs) })}</p>
      </div>
    </li>
  );
}
