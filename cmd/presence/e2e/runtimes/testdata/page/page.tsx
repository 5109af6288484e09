import { connect } from "@scaiwave/presence";
import { PresenceDot, PresenceProvider, useOthers, usePresence, useStatus } from "@scaiwave/presence/react";
import { renderToStaticMarkup } from "react-dom/server";

const presence = connect({ url: process.argv[2]!, token: "ada" });

function Page() {
  const count: number = useOthers(["ben", "carl"], (states) => Object.keys(states).length);
  return (
    <>
      <PresenceDot id="ben" name="Ben" className="big" />
      <presence-dot participant="carl" name="Carl" />
      {usePresence("ben")} {count} {useStatus()}
      {/* @ts-expect-error: whom it shows is needed */}
      {false && <presence-dot name="nobody" />}
    </>
  );
}

console.log(renderToStaticMarkup(<PresenceProvider presence={presence}><Page /></PresenceProvider>));
presence.close();
