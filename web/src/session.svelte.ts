// Who looks at these pages, and what they may do.

import { call, Failure } from "./api";
import type { Session } from "./types";

const KEY = "podbook-token";

export const session = $state<{ known: Session | null; signedOut: boolean; failure: Failure | null }>({
  known: null,
  signedOut: false,
  failure: null,
});

export const token = (): string | null => sessionStorage.getItem(KEY);

/** Take the token out of the address, where it would stay in the history. */
export function takeToken(): void {
  const found = /^#token=(.+)$/.exec(location.hash);
  if (!found) return;
  sessionStorage.setItem(KEY, decodeURIComponent(found[1]!));
  history.replaceState(null, "", location.pathname + location.search);
}

export async function signIn(shown: string): Promise<void> {
  sessionStorage.setItem(KEY, shown.trim());
  await ask();
}

export function signOut(): void {
  sessionStorage.removeItem(KEY);
  session.known = null;
  session.signedOut = true;
}

export async function ask(): Promise<void> {
  try {
    session.known = await call<Session>("/v1/session");
    session.signedOut = false;
    session.failure = null;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    session.signedOut = error.status === 401;
    session.failure = session.signedOut ? null : error;
  }
}

/** Whether the viewer may do this; what is not known yet is not offered. */
export function may(verb: string, resource: "notebooks" | "executions" | "logs" | "events" = "executions"): boolean {
  return session.known?.rights[resource]?.includes(verb) ?? false;
}
