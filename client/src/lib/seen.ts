const margin = "200px"; // interest begins so far outside of what can be seen

/** Tells whether an element can be seen, until the function it returns is called. Where nobody can say, it can. */
export function watchSeen(element: Element, look: (seen: boolean) => void): () => void {
  if (typeof IntersectionObserver === "undefined") {
    look(true);
    return () => look(false);
  }
  const observer = new IntersectionObserver((entries) => look(entries.at(-1)!.isIntersecting), { rootMargin: margin });
  observer.observe(element);
  return () => {
    observer.disconnect();
    look(false);
  };
}
