type Child = Node | string | false | null | undefined;
type Props = Record<string, unknown>;

/** h makes an element: `on…` are listeners, what the element has as a property is set as one, the rest are attributes. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(element, name, value);
  element.append(...children.filter((c): c is Node | string => c instanceof Node || typeof c === "string"));
  return element;
}

function set(element: HTMLElement, name: string, value: unknown): void {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value as EventListener);
  else if (name in element) (element as unknown as Props)[name] = value;
  else if (value !== undefined) element.setAttribute(name, String(value));
}

const svgSpace = "http://www.w3.org/2000/svg";

/** shape makes an SVG of path data; each path has a class. It is decoration: what it says must be there as text, too. */
export function shape(box: string, paths: Record<string, string>): SVGSVGElement {
  const svg = document.createElementNS(svgSpace, "svg");
  svg.setAttribute("viewBox", box);
  svg.setAttribute("aria-hidden", "true");
  for (const [name, data] of Object.entries(paths)) {
    const path = document.createElementNS(svgSpace, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", data);
    svg.append(path);
  }
  return svg;
}

/** byId is an element of index.html. */
export function byId<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element as T;
}

const clockFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** clock is a time of day. */
export const clock = (at: Date): string => clockFormat.format(at);
