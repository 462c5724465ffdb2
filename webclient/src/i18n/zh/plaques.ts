export const plaques = {
  add: { offer: '平台上还没有这家企业。', button: '添加这家企业', title: '添加企业', uscc: '统一社会信用代码', doubtful: '代码的校验位不对，请对照营业执照核对；照样可以添加。', name: '企业名称（与营业执照一致）', region: '所在区县', choose: '请选择', address: '地址', need: '请填写企业名称并选择区县。', save: '添加，然后登记检查' },
}
