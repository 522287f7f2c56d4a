// The headers under which the pages are served, once for everybody who serves them (the server, `coffre web`, a proxy). Rule: no
// foreign origin, nothing inline, no HTML made from text.

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types coffre",
];

/** On every file: workers and their scripts have a policy of their own answer. */
export const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": POLICY.join("; "),
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
};

/** HTML is asked for anew each time; a file whose name holds the hash of its content never changes. */
export const CACHE = { page: "no-store", hashed: "public, max-age=31536000, immutable" } as const;
