// Compiled, not run: the types of a page in React.
import { PresenceDot, useOthers } from "../src/react.js";
import { PresenceStatus, useStatus } from "../src/react-status.js";

export function Page() {
  const online: number = useOthers(["ben"], (states) => Object.values(states).filter((state) => state === "online").length);
  const until: number | undefined = useStatus("ben")?.until;
  return (
    <>
      <PresenceDot id="ben" name="Ben" style={{ fontSize: 20 }} />
      <PresenceStatus id="ben" style={{ fontSize: 20 }} />
      <presence-dot participant="carl" name="Carl" class="big" title={String(online)} />
      <presence-status participant="carl" class="big" title={String(until)} />
      {/* @ts-expect-error: whom it shows is needed */}
      <presence-dot name="nobody" />
      {/* @ts-expect-error: whose it shows is needed */}
      <presence-status />
      {/* @ts-expect-error: an id is a string */}
      <PresenceDot id={7} />
    </>
  );
}
