// Compiled, not run: the types of a page in React.
import { PresenceDot, useOthers } from "../src/react.js";

export function Page() {
  const online: number = useOthers(["ben"], (states) => Object.values(states).filter((state) => state === "online").length);
  return (
    <>
      <PresenceDot id="ben" name="Ben" style={{ fontSize: 20 }} />
      <presence-dot participant="carl" name="Carl" class="big" title={String(online)} />
      {/* @ts-expect-error: whom it shows is needed */}
      <presence-dot name="nobody" />
      {/* @ts-expect-error: an id is a string */}
      <PresenceDot id={7} />
    </>
  );
}
