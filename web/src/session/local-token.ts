// The token of a page that `coffre web` serves: it stands in the address's fragment once, and goes back with every request. Rule: it is
// no secret of a vault, and lives as long as the tab.

const KEY = "coffre-local";
const FRAGMENT = /^#local=([0-9a-f]{32})$/;

/** Takes the token out of the address; null when this page came from a server. */
export function readLocalToken(): string | null {
  const given = FRAGMENT.exec(location.hash)?.[1];
  if (given !== undefined) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEY);
}
