// The pages of settings and administration: the sidebar, the theme, menus.

import "elements/pop-menu.js"
import "elements/side-drawer.js"
import "elements/theme-picker.js"
import "lib/invokers.js"
