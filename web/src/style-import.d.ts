// Style sheets are imported for their effect. Rule: nothing is read from them.

declare module "*.css";
