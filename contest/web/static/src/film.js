// An awarded film's page: the film plays by itself, and lighter where its reader wants that.

import { offerLighterPicture } from "./lib/lighter_picture.js";

const film = document.getElementById("film");
if (film) offerLighterPicture(film);
