// The few drawings of the pages. Rule: drawn here, hidden from readers of the screen: what they mean stands beside them as text.

import type { ReactNode } from "react";

function Drawing({ children, className = "size-5" }: { readonly children: ReactNode; readonly className?: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      className={`shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export function FolderIcon() {
  return (
    <Drawing>
      <path d="M3.500 7a2 2 0 0 1 2-2h3.600l2 2.500h7.400a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2z" />
    </Drawing>
  );
}

export function FileIcon() {
  return (
    <Drawing>
      <path d="M6.500 3.500h7l4.500 4.500v10.500a2 2 0 0 1-2 2h-9.500a2 2 0 0 1-2-2v-13a2 2 0 0 1 2-2z M13.500 3.500V8H18" />
    </Drawing>
  );
}

export function PictureIcon() {
  return (
    <Drawing>
      <rect x="3.500" y="4.500" width="17" height="15" rx="2.500" />
      <circle cx="9" cy="9.500" r="1.500" />
      <path d="m4 17 4.500-4.500 3.500 3.500 3-3 5 5" />
    </Drawing>
  );
}

export function LinkIcon() {
  return (
    <Drawing>
      <path d="M10 14a4 4 0 0 0 6 .3l3-3a4 4 0 0 0-5.700-5.700l-1.300 1.300 M14 10a4 4 0 0 0-6-.3l-3 3a4 4 0 0 0 5.700 5.700l1.300-1.300" />
    </Drawing>
  );
}

export function DeviceIcon() {
  return (
    <Drawing>
      <rect x="7" y="3" width="10" height="18" rx="2.500" />
      <path d="M11 17.800h2" />
    </Drawing>
  );
}

export function LockIcon() {
  return (
    <Drawing className="size-4">
      <rect x="5" y="10.500" width="14" height="9.500" rx="2.500" />
      <path d="M8.500 10.500V8a3.500 3.500 0 0 1 7 0v2.500" />
    </Drawing>
  );
}

export function SafeIcon({ className = "size-10" }: { readonly className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={`shrink-0 ${className}`} aria-hidden="true">
      <rect x="3" y="4" width="26" height="23" rx="6" className="fill-accent" />
      <g fill="none" className="stroke-on-accent" strokeWidth="2.400" strokeLinecap="round">
        <circle cx="16" cy="15.500" r="6" />
        <path d="M16 9.500v2.800M16 18.700v2.800M22 15.500h-2.800M12.800 15.500H10" />
      </g>
      <path d="M8 27v2M24 27v2" className="stroke-accent" strokeWidth="3" strokeLinecap="round" />
    </svg>
  );
}
