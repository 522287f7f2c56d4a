// Which screen is shown. Rule: without an open vault there is one screen, whatever the address says.

import { Navigate, Route, Routes } from "react-router";
import { useSessionState } from "../session/session-context.tsx";
import { AccountScreen } from "./account.tsx";
import { DevicesScreen } from "./devices.tsx";
import { FileScreen } from "./file.tsx";
import { FolderScreen } from "./folder.tsx";
import { PhotosScreen } from "./photos.tsx";
import { Shell } from "./shell.tsx";
import { SignInScreen } from "./sign-in.tsx";

export function App() {
  const state = useSessionState();
  if (state.kind !== "open") return <SignInScreen state={state} />;
  return (
    <Shell>
      <Routes>
        <Route path="/vault/:number" element={<FolderScreen vault={state} />} />
        <Route path="/file/:number" element={<FileScreen vault={state} />} />
        <Route path="/photos" element={<PhotosScreen vault={state} />} />
        <Route path="/devices" element={<DevicesScreen />} />
        <Route path="/account" element={<AccountScreen />} />
        <Route path="*" element={<Navigate to="/vault/0" replace />} />
      </Routes>
    </Shell>
  );
}
