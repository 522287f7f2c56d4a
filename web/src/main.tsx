// The pages' beginning. Rule: addresses hold numbers alone; names, paths and logins stand in no address, title or history.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { App } from "./screens/app.tsx";
import { SessionProvider } from "./session/session-context.tsx";
import "./style.css";
import { WordsProvider } from "./words/language.tsx";

const place = document.getElementById("app");
if (place === null) throw new Error("expected the page's own element");
createRoot(place).render(
  <StrictMode>
    <WordsProvider>
      <SessionProvider>
        <BrowserRouter>
          <App />
        </BrowserRouter>
      </SessionProvider>
    </WordsProvider>
  </StrictMode>,
);
