from lxml import etree
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .rpc import RpcCommon

GROUPED = {"list", "kanban", "graph", "pivot", "calendar"}


@tagged("post_install", "-at_install")
class TestFilters(RpcCommon):
    """Each filter and each grouping of our menus works with the fields of their views, for each role that has them."""

    def test_all_filters_of_all_menus(self):
        self._bill(self._time())
        self._time(30, user_id=self.assistant.id)
        self._cost(self.copies, 12, matter=self.joint_matter)
        self.env["timebill.timer"].with_user(self.lawyer).action_start()
        for user in self.manager + self.lawyer + self.assistant + self.biller:
            self._play(user)

    def _play(self, user):
        done = set()
        for action in self._get_actions(user):
            self._play_action(user, action, done)
        self.assertGreater(len(done), 50)

    def _get_actions(self, user):
        """Windows that our menus open for the user, once each."""
        menus = self.env["ir.ui.menu"].with_user(user).load_web_menus(False)
        todo, actions = [menus[menu] for menu in menus["root"]["children"]], {}
        todo = [menu for menu in todo if menu["xmlid"] == "timebill_legal.menu_root"]
        for menu in todo:
            todo.extend(menus[child] for child in menu["children"])
            if menu["actionID"]:
                action = self.env[menu["actionModel"]].with_user(user).browse(menu["actionID"])
                values = action.run() if action._name == "ir.actions.server" else action.sudo()._get_action_dict()
                if values["type"] == "ir.actions.act_window":
                    actions[menu["actionID"]] = values
        return list(actions.values())

    def _play_action(self, user, action, done):
        """
        :param done: what was played before of (model, filter), to which this adds
        """
        model, names = action["res_model"], {"uid": user.id}
        context = {key: value for key, value in self._eval(action.get("context"), names).items() if key != "lang"}
        domain = self._eval(action.get("domain"), names) or []
        views = [(view, mode) for view, mode in action["views"] if mode in GROUPED]
        search = action.get("search_view_id") or False
        search = search[0] if isinstance(search, (list, tuple)) else search
        answer = self.rpc(user, model, "get_views", [*views, (search, "search")], context=context)["views"]
        filters, groupings = self._get_filters(etree.fromstring(answer.pop("search")["arch"]), model, names)
        fields, aggregates = self._get_view_fields([etree.fromstring(view["arch"]) for view in answer.values()], model)
        spec = dict.fromkeys(fields, {})
        calls = {(model, *fields, str(domain)): ("web_search_read", domain, spec)}
        calls |= {(model, str(leaves)): ("web_search_read", domain + leaves, spec) for leaves in filters}
        calls |= {(model, name): ("formatted_read_group", domain, [name], aggregates) for name in groupings}
        for key, call in calls.items():
            if key not in done:
                with self.subTest(user=user.login, action=action["name"], call=call):
                    self.rpc(user, model, *call, limit=5, context=context)
        done.update(calls)

    def _get_filters(self, arch, model, names):
        """
        :return: (domains, what one groups by)
        """
        filters, groupings = [[]], []
        for node in arch.iter("filter"):
            grouping = self._eval(node.get("context"), names).get("group_by") or node.get("date")
            field = self.env[model]._fields.get(grouping)
            if field and field.type != "properties":  # the web client asks for each property by its name
                groupings.append(f"{grouping}:month" if field.type in ("date", "datetime") else grouping)
            filters.append(self._eval(node.get("domain"), names) or [])
        return filters, groupings

    def _get_view_fields(self, arches, model):
        """Fields of the views, and those that their groups sum up."""
        nodes = [node for arch in arches for node in arch.iter("field") if not list(node.iterancestors("field"))]
        known = self.env[model]._fields
        sums = {node.get("name") for node in nodes if node.get("sum") or node.get("type") == "measure"}
        aggregates = [f"{name}:sum" for name in sorted(sums) if name in known and known[name].store]
        return sorted({node.get("name") for node in nodes}), aggregates

    def _eval(self, text, names):
        return safe_eval(text, {**names, "context": {}}) if isinstance(text, str) else text or {}
