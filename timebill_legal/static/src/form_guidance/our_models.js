/** Whether a model is one of our add-ons: what Odoo's own screens do stays as it is. */
export const isOurs = (resModel) => resModel.startsWith("timebill.");
