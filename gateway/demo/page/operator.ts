/** The token with which the page does what a backend and an operator may. With --auth=insecure "service" is one. */
export const operator = { token: "service" };
